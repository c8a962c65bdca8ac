"""What can speak for or against a match: the declared features of the scorer.

A feature looks at two subjects and says nothing (None) or how far its rule holds (0 to 1) and on which values.
`main` features carry a match; `fills` features take a share of what is still missing to 1; `against` features
subtract. So the contributions of a match add up to its score, and no score passes 1.

Weights: start values set by hand against the altered UN names and the synthetic negatives (docs/benchmarks.md);
a later scorer learns them.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from lintas.screening.names import compare_names
from lintas.screening.normalise import NameForm
from lintas.screening.query import Name, Subject

SCORER_VERSION = "lintas-1"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a feature saw: how far its rule holds, on which two values."""

    score: float
    query: str | None
    listed: str | None
    forms: tuple[NameForm, NameForm] | None = None  # the names that met, when the feature compares names


class Pair:
    """A query beside a listed entity; their names are compared once for all features."""

    def __init__(self, query: Subject, listed: Subject) -> None:
        self.query = query
        self.listed = listed

    @cached_property
    def best_names(self) -> Mapping[bool, tuple[float, Name, Name]]:
        """The best pair of names: under True with a low-quality alias, under False with any other name."""
        best: dict[bool, tuple[float, Name, Name]] = {}
        for mine in self.query.names:
            for theirs in self.listed.names:
                is_weak = theirs.prop == "weakAlias"
                score = compare_names(mine.form, theirs.form)
                if score and (is_weak not in best or score > best[is_weak][0]):
                    best[is_weak] = (score, mine, theirs)
        return best


@dataclass(frozen=True)
class Feature:
    """One declared rule. `words` is what an officer reads when it holds."""

    name: str
    words: str
    role: str  # main, fills, against
    weight: float
    look: Callable[[Pair], Finding | None]


def names_agree(pair: Pair) -> Finding | None:
    """The best pair of names; low-quality aliases are a feature of their own."""
    return _best_name(pair, is_weak=False)


def weak_names_agree(pair: Pair) -> Finding | None:
    """A low-quality alias, as the publisher itself calls it."""
    return _best_name(pair, is_weak=True)


def no_name_agrees(pair: Pair) -> Finding | None:
    """Both have names and no word of them is shared."""
    if not pair.query.names or not pair.listed.names or pair.best_names:
        return None
    return Finding(1.0, pair.query.names[0].text, pair.listed.names[0].text)


def _best_name(pair: Pair, *, is_weak: bool) -> Finding | None:
    if is_weak not in pair.best_names:
        return None
    score, mine, theirs = pair.best_names[is_weak]
    return Finding(score, mine.text, theirs.text, (mine.form, theirs.form))


def identifier(kind: str) -> Callable[[Pair], Finding | None]:
    """The same number of one kind on both sides."""

    def look(pair: Pair) -> Finding | None:
        mine = pair.query.identifiers.get(kind)
        theirs = pair.listed.identifiers.get(kind)
        if not mine or not theirs:
            return None
        shared = sorted(mine.keys() & theirs.keys())
        if not shared:
            return None
        return Finding(1.0, mine[shared[0]], theirs[shared[0]])

    return look


def identifier_differs(kind: str) -> Callable[[Pair], Finding | None]:
    """Both have a number of this kind and none is shared."""

    def look(pair: Pair) -> Finding | None:
        mine, theirs = pair.query.identifiers.get(kind), pair.listed.identifiers.get(kind)
        if not mine or not theirs or mine.keys() & theirs.keys():
            return None
        return Finding(1.0, next(iter(mine.values())), next(iter(theirs.values())))

    return look


def date_same_day(pair: Pair) -> Finding | None:
    """A full date that is equal."""
    return _dates(pair, lambda a, b: len(a) == 10 and a == b)


def date_same_year(pair: Pair) -> Finding | None:
    """Equal as far as the less precise of the two goes; or day and month changed places."""
    if date_same_day(pair):
        return None
    return _dates(pair, lambda a, b: _agrees(a, b) or _swapped(a, b))


def date_other_day(pair: Pair) -> Finding | None:
    """The same year or its neighbour, another day."""
    if date_same_day(pair) or date_same_year(pair):
        return None
    return _dates(pair, lambda a, b: abs(int(a[:4]) - int(b[:4])) <= 1)


def date_other_year(pair: Pair) -> Finding | None:
    """No two dates within a year of each other."""
    if not pair.query.dates or not pair.listed.dates or _dates(pair, lambda a, b: abs(int(a[:4]) - int(b[:4])) <= 1):
        return None
    return Finding(1.0, pair.query.dates[0], pair.listed.dates[0])


def country_same(pair: Pair) -> Finding | None:
    """A country that both state."""
    shared = sorted(pair.query.countries & pair.listed.countries)
    return Finding(1.0, shared[0], shared[0]) if shared else None


def country_differs(pair: Pair) -> Finding | None:
    """Both state countries and share none."""
    if not pair.query.countries or not pair.listed.countries or pair.query.countries & pair.listed.countries:
        return None
    return Finding(1.0, ", ".join(sorted(pair.query.countries)), ", ".join(sorted(pair.listed.countries)))


def gender_differs(pair: Pair) -> Finding | None:
    """Both state a gender and it is not the same."""
    if not pair.query.genders or not pair.listed.genders or pair.query.genders & pair.listed.genders:
        return None
    return Finding(1.0, ", ".join(sorted(pair.query.genders)), ", ".join(sorted(pair.listed.genders)))


def _dates(pair: Pair, rule: Callable[[str, str], bool]) -> Finding | None:
    return next((Finding(1.0, a, b) for a in pair.query.dates for b in pair.listed.dates if rule(a, b)), None)


def _agrees(a: str, b: str) -> bool:
    known = min(len(a), len(b))
    return known < 10 and a[:known] == b[:known]


def _swapped(a: str, b: str) -> bool:
    if len(a) < 10 or len(b) < 10:
        return False
    one = date.fromisoformat(a)
    return a[:4] == b[:4] and (f"{one.day:02d}", f"{one.month:02d}") == (b[5:7], b[8:10])


FEATURES = (
    Feature("name_match", "Names agree", "main", 0.9, names_agree),
    Feature("weak_alias_match", "A low-quality alias agrees", "main", 0.8, weak_names_agree),
    Feature("imo_match", "Same IMO number", "main", 0.98, identifier("imo")),
    Feature("mmsi_match", "Same MMSI", "main", 0.85, identifier("mmsi")),
    Feature("wallet_match", "Same wallet", "main", 0.98, identifier("wallet")),
    Feature("account_match", "Same account", "main", 0.95, identifier("account")),
    Feature("lei_match", "Same LEI", "main", 0.95, identifier("lei")),
    Feature("bic_match", "Same BIC", "main", 0.9, identifier("bic")),
    Feature("document_match", "Same document number", "main", 0.9, identifier("document")),
    Feature("serial_match", "Same serial number", "main", 0.9, identifier("serial")),
    Feature("call_sign_match", "Same call sign", "main", 0.75, identifier("call_sign")),
    Feature("email_match", "Same e-mail address", "main", 0.85, identifier("email")),
    Feature("phone_match", "Same phone number", "main", 0.8, identifier("phone")),
    Feature("date_same_day", "Same date", "fills", 0.5, date_same_day),
    Feature("date_same_year", "Dates agree as far as they are given", "fills", 0.25, date_same_year),
    Feature("country_same", "Same country", "fills", 0.15, country_same),
    Feature("no_name_agrees", "The names share no word", "against", 0.2, no_name_agrees),
    Feature("date_other_day", "Another day, close to the listed one", "against", 0.05, date_other_day),
    Feature("date_other_year", "Dates differ by more than a year", "against", 0.2, date_other_year),
    Feature("country_differs", "No country in common", "against", 0.1, country_differs),
    Feature("gender_differs", "Another gender", "against", 0.2, gender_differs),
    Feature("imo_differs", "Another IMO number", "against", 0.25, identifier_differs("imo")),
    Feature("lei_differs", "Another LEI", "against", 0.2, identifier_differs("lei")),
)


def by_role(role: str) -> Iterator[Feature]:
    """The features of one role, in their declared order."""
    return (feature for feature in FEATURES if feature.role == role)
