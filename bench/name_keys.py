"""`python -m bench.name_keys`: how well the keys of private matching meet on names that were altered.

Held: 683 names of the UN list. Asked: the same persons, of whom 170 names were altered; in some rows the date was,
too. Others: 50,000 made-up persons of many countries. These sets were looked at when the constructions were chosen.
A made-up person's nationality does not fit the name, so beside a country fewer of them hit than people would.
"""

import csv
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from bench.places import names_file
from lintas.model.entity import Draft, Entity
from lintas.screening.keys import Keys, keys_of, queries_of

HELD, ASKED, OTHERS = "positives_un_untreated.csv", "positives_un_treated.csv", "negatives_global.csv"

Tier = Callable[[Keys], frozenset[str]]
Ask = Callable[[Entity], Keys]
Made = Mapping[Ask, Keys]


@dataclass(frozen=True)
class Rates:
    """Shares between 0 and 1, and the mean number of keys that one question buys."""

    found: float  # of the 683, each asked in its altered form
    found_altered: float  # of the 170 whose name differs
    false_asked: float  # of the 683 asked: those that hit any of the 50,000
    false_others: float  # of the 50,000 asked: those that hit any of the 683
    keys: float


def three_alone(keys: Keys) -> frozenset[str]:
    """The weak keys of whole names: skeleton, sound and letters, without the pairs of words."""
    return frozenset(key for key in keys.weak if key.split("|")[2] != "pair")


# What is compared, which keys of it, and how the asking side makes them; the holding side has `keys_of`.
TIERS: Mapping[str, tuple[Tier, Ask]] = {
    "three keys, names alone (weak)": (three_alone, keys_of),
    "three keys and pairs of words (weak)": (lambda keys: keys.weak, keys_of),
    "three keys beside year or country (strong)": (lambda keys: keys.strong, keys_of),
    "the same, neighbour years asked (strong)": (lambda keys: keys.strong, queries_of),
}


def missing() -> list[str]:
    """Files that are needed and not here."""
    return [str(path) for path in map(names_file, (HELD, ASKED, OTHERS)) if not path.is_file()]


def rates() -> dict[str, Rates]:
    """The figures of each tier."""
    held, asked = _rows(HELD), _rows(ASKED)
    altered = [a["full_name"] != b["full_name"] for a, b in zip(held, asked, strict=True)]
    pairs = [(_made(a), _made(b)) for a, b in zip(held, asked, strict=True)]
    others = _Others({title: _union(tier(one[keys_of]) for one, _ in pairs) for title, (tier, _) in TIERS.items()})
    for row in _rows(OTHERS):
        others.meet(_made(row))
    return {title: _rates(title, pairs, altered, others) for title in TIERS}


def main() -> int:
    """Print the figures, or why there are none."""
    if absent := missing():
        print("bench: nothing was measured, because the real data is not here:", *absent, sep="\n  ")
        print("Set LINTAS_SHARED to the folder that holds data/names.")
        return 0
    print(__doc__.split("\n\n", 1)[1] if __doc__ else "")
    print("| keys | found | of the altered | asked that hit others | others that hit held | keys a question |")
    print("|---|---|---|---|---|---|")
    for title, of in rates().items():
        shares = (of.found, of.found_altered, of.false_asked, of.false_others)
        print(f"| {title} | {' | '.join(f'{100 * share:.2f} %' for share in shares)} | {of.keys:.1f} |")
    return 0


class _Others:
    """What the 50,000 hold and what they hit, by tier; their keys are not kept one by one."""

    def __init__(self, known: Mapping[str, frozenset[str]]) -> None:
        self.known = known
        self.held = {title: set[str]() for title in TIERS}
        self.hits = {title: list[bool]() for title in TIERS}

    def meet(self, one: Made) -> None:
        for title, (tier, ask) in TIERS.items():
            self.held[title] |= tier(one[keys_of])
            self.hits[title].append(not self.known[title].isdisjoint(tier(one[ask])))


def _rates(title: str, pairs: Sequence[tuple[Made, Made]], altered: Sequence[bool], others: _Others) -> Rates:
    tier, ask = TIERS[title]
    questions = [tier(asked[ask]) for _, asked in pairs]
    hits = [bool(tier(held[keys_of]) & question) for (held, _), question in zip(pairs, questions, strict=True)]
    return Rates(
        found=_share(hits),
        found_altered=_share([hit for hit, differs in zip(hits, altered, strict=True) if differs]),
        false_asked=_share([not others.held[title].isdisjoint(question) for question in questions]),
        false_others=_share(others.hits[title]),
        keys=sum(map(len, questions)) / len(questions),
    )


def _rows(file: str) -> list[dict[str, str]]:
    with names_file(file).open(encoding="utf-8", newline="") as source:
        return list(csv.DictReader(source))


def _made(row: Mapping[str, str]) -> Made:
    """The keys of a row, by how they are made."""
    draft = Draft("Person", "row")
    draft.add("name", row["full_name"])
    draft.add("birthDate", row["date_of_birth"])
    draft.add("nationality", row["nationality"])
    entity = draft.build()
    return {ask: ask(entity) for ask in (keys_of, queries_of)}


def _union(sets: Iterable[frozenset[str]]) -> frozenset[str]:
    return frozenset[str]().union(*sets)


def _share(flags: Sequence[bool]) -> float:
    return sum(flags) / len(flags)


if __name__ == "__main__":
    sys.exit(main())
