"""A match and why it is one. No score goes anywhere without its reasons."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TokenPair:
    """Two words of two names that met, or one that met nothing.

    `relation`: same, spelling, initial, form (legal form), title, only_query, only_listed.
    """

    query: str | None
    listed: str | None
    relation: str
    score: float  # 0 to 1


@dataclass(frozen=True, slots=True)
class Reason:
    """One declared feature that spoke for (contribution > 0) or against (< 0) a match."""

    feature: str  # machine name, stable within a scorer version
    words: str  # the same for a reader
    query: str | None  # the customer's value
    listed: str | None  # the list's value
    score: float  # 0 to 1: how well the two values agree under this feature's rule
    weight: float  # what full agreement is worth; negative for features that speak against
    contribution: float  # what it added to the score of the match
    tokens: tuple[TokenPair, ...] = ()  # for names: which word met which


@dataclass(frozen=True, slots=True)
class Match:
    """A customer or query beside one listed entity. A score is not a finding: people decide."""

    entity_id: str
    schema: str
    caption: str
    lists: tuple[str, ...]
    score: float  # 0 to 1
    is_match: bool  # score >= threshold
    reasons: tuple[Reason, ...]
    list_versions: tuple[tuple[str, str], ...]  # (list, content SHA-256 of the version that was asked)
    scorer_version: str
    is_fictional: bool
