"""The order of review: how soon an officer should look at a match. A score is not a finding."""

from dataclasses import dataclass

from lintas.web.words import N_

EDGES = (0.95, 0.85, 0.75)  # scores from which a match is critical, high, medium; below: low


@dataclass(frozen=True)
class Severity:
    """One step of the order: its shape's name and its word."""

    name: str
    words: str
    scores: str


STEPS = (
    Severity("critical", N_("Critical"), "0.95 +"),
    Severity("high", N_("High"), "0.85 +"),
    Severity("medium", N_("Medium"), "0.75 +"),
    Severity("low", N_("Low"), "< 0.75"),
)


def severity(score: float) -> Severity:
    """The step of a score."""
    return next((step for step, edge in zip(STEPS, EDGES, strict=False) if score >= edge), STEPS[-1])


def band(name: str) -> int | None:
    """The number of the step of that name; None for any."""
    return next((number for number, step in enumerate(STEPS) if step.name == name), None)
