"""What a receiver may do with what is handed on. Handlings form a lattice: combining takes the stricter of each field.

The labels are those of the field: the Traffic Light Protocol 2.0 (FIRST, August 2022); handling codes as Europol's
SIENA has them, of which several may hold at once.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import reduce

from lintas.model.errors import InputError

TLP = ("clear", "green", "amber", "amber+strict", "red")  # from the freest to the strictest
# H1: not in judicial proceedings without permission; H2: not handed on without permission; H3: see the caveat.
# None of them is what SIENA calls H0.
CODES = ("H1", "H2", "H3")
COURT = ("free", "consent", "never")
# What information may be used for; a receiver may use it for no other.
USES = ("intelligence", "investigation", "prosecution", "asset_recovery", "sanctions", "border", "maritime", "cyber")
LONGEST_CAVEAT, MOST_CAVEATS = 500, 20


@dataclass(frozen=True)
class Handling:
    """One marking. `onward`: None is never; a set names who may have it too, and all others case by case."""

    tlp: str = "amber"
    codes: frozenset[str] = frozenset()
    uses: frozenset[str] = frozenset(USES)
    onward: frozenset[str] | None = frozenset()
    court: str = "consent"
    retain_until: date | None = None
    caveats: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        """Raises InputError for a label that is none."""
        known = (
            self.tlp in TLP
            and self.codes <= set(CODES)
            and self.uses <= set(USES)
            and self.court in COURT
            and ("H3" not in self.codes or bool(self.caveats))
            and len(self.caveats) <= MOST_CAVEATS
            and all(0 < len(caveat) <= LONGEST_CAVEAT for caveat in self.caveats)
        )
        if not known:
            raise InputError(
                "A handling is marked as none can be",
                do=f"TLP is one of {', '.join(TLP)}; codes are of {', '.join(CODES)}, and H3 has a caveat.",
                code="bad_handling",
            )

    def with_(self, other: "Handling") -> "Handling":
        """The stricter of the two in every field: what a combination of both sources may be used for."""
        return Handling(
            tlp=max(self.tlp, other.tlp, key=TLP.index),
            codes=self.codes | other.codes,
            uses=self.uses & other.uses,
            onward=None if self.onward is None or other.onward is None else self.onward & other.onward,
            court=max(self.court, other.court, key=COURT.index),
            retain_until=min((day for day in (self.retain_until, other.retain_until) if day), default=None),
            caveats=self.caveats | other.caveats,
        )

    def is_within(self, other: "Handling") -> bool:
        """Whether this is at least as strict as the other in every field."""
        return self.with_(other) == self

    def needs_two(self) -> bool:
        """Whether a second officer has to release it: RED, or H2 and above."""
        return self.tlp == "red" or bool(self.codes & {"H2", "H3"})

    def may_go_on(self, agency: str) -> bool:
        """Whether it may be handed on to an agency without asking its originator."""
        return self.onward is not None and agency in self.onward and "H2" not in self.codes and self.tlp != "red"


def strictest(handlings: Iterable[Handling]) -> Handling:
    """What holds of a combination. Raises ValueError for none."""
    return reduce(Handling.with_, handlings)
