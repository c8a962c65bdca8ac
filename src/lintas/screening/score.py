"""Add up what the features saw. The contributions of a match are its score, exactly."""

from collections.abc import Iterable, Iterator, Mapping

from lintas.model.errors import InputError
from lintas.model.match import Reason
from lintas.screening.features import FEATURES, Feature, Finding, by_role
from lintas.screening.query import Subject

DECIMALS = 4
NAME_FEATURES = frozenset({"name_match", "weak_alias_match"})
SECOND_MAIN = 0.5  # a second main feature takes this share of what is missing

_MAIN, _FILLS, _AGAINST = (tuple(by_role(role)) for role in ("main", "fills", "against"))


def check_weights(weights: Mapping[str, float]) -> None:
    """Raises InputError for a weight of no declared feature, or one that is not between 0 and 1."""
    names = {feature.name for feature in FEATURES}
    for name, weight in weights.items():
        if name not in names:
            raise InputError(
                f"{name[:80]!r} is not a feature of this scorer",
                do=f"Use one of: {', '.join(sorted(names))}.",
                code="unknown_feature",
            )
        if not 0 <= weight <= 1:
            raise InputError(f"The weight of {name} is {weight}", do="Use a number from 0 to 1.", code="bad_weight")


def score(
    query: Subject, listed: Subject, weights: Mapping[str, float] | None = None
) -> tuple[float, tuple[Reason, ...]]:
    """Score from 0 to 1 of a query beside a listed entity, and every reason that made it."""
    weights = weights or {}
    total, reasons = _main(query, listed, weights)
    if not reasons:
        return 0.0, ()
    for feature in _FILLS:
        if finding := feature.look(query, listed):
            gain = round((1 - total) * weights.get(feature.name, feature.weight) * finding.score, DECIMALS)
            total = round(total + gain, DECIMALS)
            reasons.append(_reason(feature, finding, weights, gain))
    for feature in _AGAINST:
        if finding := feature.look(query, listed):
            loss = round(min(total, weights.get(feature.name, feature.weight) * finding.score), DECIMALS)
            total = round(total - loss, DECIMALS)
            reasons.append(_reason(feature, finding, weights, -loss))
    return total, tuple(reasons)


def _main(query: Subject, listed: Subject, weights: Mapping[str, float]) -> tuple[float, list[Reason]]:
    seen = [
        (weights.get(feature.name, feature.weight) * finding.score, feature, finding)
        for feature in _MAIN
        if (finding := feature.look(query, listed))
    ]
    seen.sort(key=lambda item: -item[0])
    total = 0.0
    reasons = list[Reason]()
    for worth, feature, finding in _one_name(seen):
        gain = round(worth if not reasons else (1 - total) * worth * SECOND_MAIN, DECIMALS)
        total = round(total + gain, DECIMALS)
        reasons.append(_reason(feature, finding, weights, gain))
    return total, reasons


def _one_name(seen: Iterable[tuple[float, Feature, Finding]]) -> Iterator[tuple[float, Feature, Finding]]:
    """A second agreeing name says nothing new about the same entity; a number beside a name does."""
    is_named = False
    for item in seen:
        if not (item[1].name in NAME_FEATURES and is_named):
            yield item
        is_named |= item[1].name in NAME_FEATURES


def _reason(feature: Feature, finding: Finding, weights: Mapping[str, float], contribution: float) -> Reason:
    return Reason(
        feature=feature.name,
        words=feature.words,
        query=finding.query,
        listed=finding.listed,
        score=round(finding.score, DECIMALS),
        weight=(-1 if feature.role == "against" else 1) * weights.get(feature.name, feature.weight),
        contribution=contribution,
        tokens=finding.tokens,
    )
