"""Add up what the features saw. The contributions of a match are its score, exactly."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from lintas.model.errors import InputError
from lintas.model.match import Reason, TokenPair
from lintas.screening.features import FEATURES, Feature, Finding, Pair, by_role
from lintas.screening.names import explain_names
from lintas.screening.normalise import written_words
from lintas.screening.query import Subject

DECIMALS = 4
NAME_FEATURES = frozenset({"name_match", "weak_alias_match"})
SECOND_MAIN = 0.5  # a second main feature takes this share of what is missing

_MAIN, _FILLS, _AGAINST = (tuple(by_role(role)) for role in ("main", "fills", "against"))


@dataclass(frozen=True, slots=True)
class Part:
    """What one feature added to a score, or took away."""

    feature: Feature
    finding: Finding
    weight: float
    contribution: float


@dataclass(frozen=True, slots=True)
class Score:
    """A score from 0 to 1 and the parts that add up to it."""

    total: float
    parts: tuple[Part, ...]

    def reasons(self) -> tuple[Reason, ...]:
        """The parts in words, with the words of the names that met."""
        return tuple(_reason(part) for part in self.parts)


NOTHING = Score(0.0, ())


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


def score(query: Subject, listed: Subject, weights: Mapping[str, float] | None = None) -> Score:
    """Score a query beside a listed entity. `weights` stand in for those that the features declare."""
    weights = weights or {}
    pair = Pair(query, listed)
    parts = list(_main(pair, weights))
    if not parts:
        return NOTHING
    total = round(sum(part.contribution for part in parts), DECIMALS)
    for feature in (*_FILLS, *_AGAINST):
        if finding := feature.look(pair):
            weight = weights.get(feature.name, feature.weight)
            worth = (1 - total) * weight if feature.role == "fills" else -min(total, weight)
            parts.append(Part(feature, finding, weight, round(worth * finding.score, DECIMALS)))
            total = round(total + parts[-1].contribution, DECIMALS)
    return Score(total, tuple(parts))


def _main(pair: Pair, weights: Mapping[str, float]) -> Iterator[Part]:
    seen = [
        (weights.get(feature.name, feature.weight), feature, finding)
        for feature in _MAIN
        if (finding := feature.look(pair))
    ]
    seen.sort(key=lambda item: -item[0] * item[2].score)
    missing, share = 1.0, 1.0
    for weight, feature, finding in _one_name(seen):
        part = Part(feature, finding, weight, round(missing * share * weight * finding.score, DECIMALS))
        yield part
        missing, share = missing - part.contribution, SECOND_MAIN


def _one_name(seen: Iterable[tuple[float, Feature, Finding]]) -> Iterator[tuple[float, Feature, Finding]]:
    """A second agreeing name says nothing new about the same entity; a number beside a name does."""
    is_named = False
    for item in seen:
        if not (item[1].name in NAME_FEATURES and is_named):
            yield item
        is_named |= item[1].name in NAME_FEATURES


def _reason(part: Part) -> Reason:
    finding = part.finding
    return Reason(
        feature=part.feature.name,
        words=part.feature.words,
        query=finding.query,
        listed=finding.listed,
        score=round(finding.score, DECIMALS),
        weight=-part.weight if part.feature.role == "against" else part.weight,
        contribution=part.contribution,
        tokens=_as_written(finding),
    )


def _as_written(finding: Finding) -> tuple[TokenPair, ...]:
    """The words that met, each as its side writes it where one written word is one compared word."""
    if finding.forms is None:
        return ()
    mine, theirs = written_words(finding.query or ""), written_words(finding.listed or "")
    return tuple(
        replace(
            pair,
            query=pair.query and mine.get(pair.query, pair.query),
            listed=pair.listed and theirs.get(pair.listed, pair.listed),
        )
        for pair in explain_names(*finding.forms)
    )
