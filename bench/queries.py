"""What is asked: made from the lists and from files of names, the same on every run and for both sides."""

import csv
import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from bench.places import names_file
from lintas.model.entity import Draft

SEED = 20260227  # the date of the UN list; any other number would do
LETTERS = "abcdefghijklmnopqrstuvwxyz"
MIN_WORD = 4  # letters; in a shorter word a changed letter makes another name
NATIONALITY = ("nationality", "citizenship", "country")


@dataclass(frozen=True)
class Question:
    """A query, and the ids of the entities that are right answers; none when nobody listed is meant."""

    query: dict[str, Any]
    right: frozenset[str] = frozenset()


def documents(lines: Path) -> list[dict[str, Any]]:
    """The listed entities."""
    with lines.open("rb") as source:
        return [orjson.loads(line) for line in source]


def rounds(listed: Iterable[Mapping[str, Any]], n_rounds: int, n_listed: int, n_others: int) -> list[list[Question]]:
    """For each round other persons: `n_listed` by a changed alias, `n_others` whom nobody lists; shuffled."""
    chance = random.Random(SEED)
    known = [one for one in listed if one["schema"] == "Person" and _aliases(one)]
    chosen = [_by_changed_alias(one, chance) for one in chance.sample(known, n_rounds * n_listed)]
    others = [_other(row) for row in chance.sample(_rows("negatives_global.csv"), n_rounds * n_others)]
    made = list[list[Question]]()
    for i in range(n_rounds):
        both = chosen[i * n_listed : (i + 1) * n_listed] + others[i * n_others : (i + 1) * n_others]
        chance.shuffle(both)
        made.append([Question({**one.query, "id": f"q-{i}-{j}"}, one.right) for j, one in enumerate(both)])
    return made


def un_altered(listed: Iterable[Mapping[str, Any]]) -> list[Question]:
    """The altered UN names; the right entity is the one that bears the name as it was before."""
    bearers: defaultdict[str, set[str]] = defaultdict(set)
    for one in listed:
        for name in one["properties"].get("name", ()) if "un_sc" in one["datasets"] else ():
            bearers[_key(name)].add(one["id"])
    before, after = _rows("positives_un_untreated.csv"), _rows("positives_un_treated.csv")
    found = (
        Question(_person(f"un-{i}", new["full_name"], new["date_of_birth"], new["nationality"]), frozenset(right))
        for i, (old, new) in enumerate(zip(before, after, strict=True))
        if (right := bearers.get(_key(old["full_name"])))
    )
    return list(found)


def labelled_pairs() -> list[tuple[dict[str, Any], dict[str, Any], bool]]:
    """Pairs of entities that are nothing but a name, and whether people called them the same."""
    return [
        (
            _entity(row["schema"], f"one-{i}", {"name": row["name1"]}),
            _entity(row["schema"], f"other-{i}", {"name": row["name2"]}),
            row["is_match"] == "true",
        )
        for i, row in enumerate(_rows("labelled_name_pairs.csv"))
    ]


def _by_changed_alias(one: Mapping[str, Any], chance: random.Random) -> Question:
    alias = chance.choice(_aliases(one))
    words = alias.split()
    name = " ".join([words[-1], *words[:-1]])
    if chance.random() < 0.5 and any(len(word) >= MIN_WORD for word in words):
        name = " ".join(_one_letter_changed(words, chance))
    properties = one["properties"]
    countries: Iterator[str] = (value for prop in NATIONALITY for value in properties.get(prop, ()))
    born = next(iter(properties.get("birthDate", ())), None)
    return Question(_person("listed", name, born, next(countries, None)), frozenset({one["id"]}))


def _one_letter_changed(words: Sequence[str], chance: random.Random) -> list[str]:
    at = chance.choice([i for i, word in enumerate(words) if len(word) >= MIN_WORD])
    word = words[at]
    i = chance.randrange(len(word) - 1)
    other = chance.choice(LETTERS)
    ways = (
        word[:i] + other + word[i + 1 :],
        word[:i] + word[i + 1 :],
        word[:i] + word[i] + word[i:],
        word[:i] + word[i + 1] + word[i] + word[i + 2 :],
    )
    return [*words[:at], chance.choice([way for way in ways if way != word]), *words[at + 1 :]]


def _aliases(one: Mapping[str, Any]) -> list[str]:
    return [name for name in one["properties"].get("alias", ()) if len(name.split()) > 1]


def _other(row: Mapping[str, str]) -> Question:
    return Question(_person("other", row["full_name"], row["date_of_birth"], row["nationality"]))


def _person(id: str, name: str, born: str | None, nationality: str | None) -> dict[str, Any]:
    return _entity("Person", id, {"name": name, "birthDate": born, "nationality": nationality})


def _entity(schema: str, id: str, values: Mapping[str, str | None]) -> dict[str, Any]:
    draft = Draft(schema, id)
    for prop, value in values.items():
        draft.add(prop, value)
    return draft.build().as_dict()


def _key(name: str) -> str:
    return " ".join(sorted(name.casefold().split()))


def _rows(file: str) -> list[dict[str, str]]:
    with names_file(file).open(encoding="utf-8", newline="") as source:
        return list(csv.DictReader(source))
