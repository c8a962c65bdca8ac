"""What is matched in private matching: the keys of an entity, texts that become the input of an OPRF.

Two nodes that hold equal data write equal keys when they run the same NAME_KEYS and ID_KEYS; the versions stand in
every key, so a peer can refuse another version and need not miss in silence.
A key of a name is `nk/1+names-1|kind|construction|beside|words`, where `beside` is a year, a country, or empty.

Three constructions (skeleton, sound, letters) were chosen among those of the research on private matching, and
their figures are on the sets that were looked at for it: `python -m bench.name_keys`.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations

from lintas.model.entity import Entity, schema_of
from lintas.screening.identifier_keys import countries_of, identifier_keys
from lintas.screening.normalise import NORMALISER_VERSION, PARTICLES, sound
from lintas.screening.query import DATE_PROPS, names_of

NAME_KEYS = f"nk/1+{NORMALISER_VERSION}"
# Who can bear one name: a record that may be a person or an organisation has the keys of both.
KINDS = ("Person", "Organization", "Vessel", "Airplane")
PAIR_WORDS = 6  # the longest words of a name that are paired: 15 pairs at most, for every key costs quota
NEAR_YEARS = (-1, 0, 1)

_VOWELS = str.maketrans("", "", "aeiou")
_DIGIT = re.compile(r"\d")
_REPEATED = re.compile(r"(.)\1+")


@dataclass(frozen=True, slots=True)
class Keys:
    """Keys by what a hit on one says.

    exact: the same number. strong: names that agree, beside the same year or country. weak: names or words of
    names that agree, or a number without its country; "possible" and no more.
    """

    strong: frozenset[str]
    weak: frozenset[str]
    exact: frozenset[str]


def keys_of(entity: Entity) -> Keys:
    """The keys of an entity that is held."""
    return _keys(entity, _years(entity))


def queries_of(entity: Entity) -> Keys:
    """The keys of an entity that is asked about: as held, and its names beside the neighbour years, too."""
    return _keys(entity, {f"{int(year) + step:04d}" for year in _years(entity) for step in NEAR_YEARS})


def name_keys(tokens: Sequence[str]) -> dict[str, str]:
    """Words of a name by construction. The order of the words does not matter, nor for `letters` where they part.

    skeleton: the words without vowels and doubled letters. sound: metaphone. letters: all of the name, sorted.
    A word with a digit stays as it is: Ocean Star 12 is neither Ocean Star 1 nor 21.
    """
    numbered = sorted(filter(_DIGIT.search, tokens))
    plain = sorted("".join(token for token in tokens if not _DIGIT.search(token)))
    return {
        "skeleton": " ".join(sorted(map(_skeleton, tokens))),
        "sound": " ".join(sorted(sound(token) or token for token in tokens)),
        "letters": " ".join(filter(None, ("".join(plain), *numbered))),
    }


def pair_keys(tokens: Sequence[str]) -> Iterator[str]:
    """Every two words of a name, particles and initials left out; of many words the longest."""
    words = {token for token in tokens if len(token) > 1 and token not in PARTICLES}
    longest = sorted(words, key=lambda word: (-len(word), word))[:PAIR_WORDS]
    return (f"{a} {b}" for a, b in combinations(sorted(longest), 2))


def _keys(entity: Entity, years: set[str]) -> Keys:
    beside = years | countries_of(entity)
    strong, weak = set[str](), set[str]()
    for kind in _kinds(entity.schema):
        start = f"{NAME_KEYS}|{kind.lower()}"
        for name in names_of(kind, entity.properties):
            tokens = name.form.tokens
            found = name_keys(tokens)
            weak.update(f"{start}|{how}||{words}" for how, words in found.items())
            weak.update(f"{start}|pair||{words}" for words in pair_keys(tokens))
            if name.prop != "weakAlias":
                sure = found if len(tokens) > 1 else {"letters": found["letters"]}  # hsn: Hassan, Hussein, Hasina
                strong.update(f"{start}|{how}|{near}|{words}" for how, words in sure.items() for near in beside)
    exact, possible = identifier_keys(entity)
    return Keys(frozenset(strong), frozenset(weak) | possible, exact)


def _skeleton(token: str) -> str:
    return token if _DIGIT.search(token) else _REPEATED.sub(r"\1", token.translate(_VOWELS)) or token


def _years(entity: Entity) -> set[str]:
    return {value[:4] for prop in DATE_PROPS for value in entity.get(prop)}


@cache
def _kinds(schema: str) -> tuple[str, ...]:
    mine = schema_of(schema)
    return tuple(kind for kind in KINDS if mine.is_a(schema_of(kind)) or schema_of(kind).is_a(mine))
