"""A list of many people who do not exist, the same at every call: for nodes of any size."""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

SYLLABLES = "an bo chai da eng fa gu hai in ji kan lu mei na ong pra qi ri su tan ul van wi xu yan zai".split()
COUNTRIES = "id my th vn kh la mm ph sg bn tl".split()


def people(n: int, seed: int = 1) -> Iterator[dict[str, Any]]:
    """Persons as FollowTheMoney JSON: a name of two to four words, an alias, a birth date, a country, a passport."""
    chance = random.Random(seed)
    for number in range(n):
        words = [_word(chance) for _ in range(chance.randint(2, 4))]
        country = chance.choice(COUNTRIES)
        yield {
            "id": f"crowd-{number}",
            "schema": "Person",
            "properties": {
                "name": [" ".join(words)],
                "alias": [" ".join((*words[1:], _word(chance)))],
                "birthDate": [f"{chance.randint(1940, 2005)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}"],
                "nationality": [country],
                "passportNumber": [f"{country.upper()}{chance.randint(10**7, 10**8 - 1)}"],
                "topics": ["sanction"],
            },
        }


def write(path: Path, n: int) -> Path:
    """The same as a file of the list `ftm`."""
    with path.open("wb") as target:
        for one in people(n):
            target.write(orjson.dumps(one) + b"\n")
    return path


def _word(chance: random.Random) -> str:
    return "".join(chance.choice(SYLLABLES) for _ in range(chance.randint(2, 3))).capitalize()
