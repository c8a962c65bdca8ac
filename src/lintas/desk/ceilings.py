"""How far an officer may spread: the widest label they may give to a message, alone and with a second officer.

The ceilings of the roles stand in `policies.cedar`, so that an agency can lower them with policies of its own.
"""

from dataclasses import dataclass, replace

from lintas.desk import access
from lintas.desk.office import Office
from lintas.desk.policy import Thing
from lintas.model.errors import DeniedError
from lintas.model.handling import TLP, Handling
from lintas.model.officer import ROLES, Officer

VERB = "exchange.spread"
WIDTHS = {label: width for width, label in enumerate(reversed(TLP))}  # red is 0, clear is 4


@dataclass(frozen=True)
class Ceiling:
    """The labels an officer may give, the widest first; `alone`: those of them that ask for no second officer.

    `may_name`: whether they may name agencies that a message goes on to. `who`: which roles may give each other label.
    """

    labels: tuple[str, ...]
    alone: tuple[str, ...]
    may_name: bool
    who: tuple[tuple[str, tuple[str, ...]], ...]


def ceiling(office: Office, officer: Officer) -> Ceiling:
    """What a page offers to an officer."""
    labels = tuple(label for label in TLP if _may(office, officer, Handling(label), eyes=2))
    alone = tuple(label for label in labels if _may(office, officer, Handling(label), eyes=1))
    narrow = Handling(TLP[-1], onward=frozenset({"named"}))
    above = [label for label in TLP if label not in labels]
    who = tuple((label, _roles(office, officer, Handling(label))) for label in above)
    return Ceiling(labels, alone, _may(office, officer, narrow, eyes=2), who)


def needs_second(office: Office, officer: Officer, handling: Handling) -> bool:
    """Whether a second officer has to release it, because it is wider than what this one may give alone.

    Raises DeniedError when it is wider than they may give at all.
    """
    require(office, officer, handling, eyes=2)
    return not _may(office, officer, handling, eyes=1)


def require(office: Office, officer: Officer, handling: Handling, *, eyes: int) -> None:
    """Raises DeniedError, and logs it, above an officer's ceiling. `eyes`: 1, or 2 with a second officer."""
    if _may(office, officer, handling, eyes=eyes):
        return
    names = " ".join(sorted(handling.onward or ()))
    access.refused(office, officer, VERB, f"{handling.tlp}{f', onward to {names}' if names else ''}")
    if _may(office, officer, replace(handling, onward=frozenset()), eyes=eyes):
        what = "Your roles may not name agencies that a message goes on to"
    else:
        what = f"TLP:{handling.tlp.upper()} is wider than your roles may give"
    who = ", ".join(_roles(office, officer, handling)) or "nobody here"
    raise DeniedError(what, do=f"Choose a narrower handling. Who may give this one: {who}.", code="over_ceiling")


def _may(office: Office, officer: Officer, handling: Handling, *, eyes: int) -> bool:
    fields = (("width", WIDTHS[handling.tlp]), ("eyes", eyes), ("names_onward", bool(handling.onward)))
    return access.permits(office, officer, VERB, Thing("Message", "new", fields))


def _roles(office: Office, officer: Officer, handling: Handling) -> tuple[str, ...]:
    held = (replace(officer, roles=frozenset({role})) for role in ROLES)
    return tuple(role for one in held for role in one.roles if _may(office, one, handling, eyes=2))
