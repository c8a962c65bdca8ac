"""Who acts, and by what right."""

from dataclasses import dataclass

# Few roles; what each may do stands in desk/policies.cedar.
ROLES = ("analyst", "supervisor", "liaison", "inspector", "administrator", "custodian")
# Content may be seen up to one's clearance. The number is the place in this row.
CLEARANCES = ("open", "restricted", "confidential", "secret")
OPEN, RESTRICTED, CONFIDENTIAL, SECRET = range(4)
# What personal data may be worked on for; what came in for one purpose is not read for another.
PURPOSES = ("screening", "investigation", "cooperation", "oversight", "administration", "training")
OWN_AGENCY = "own"  # the agency of this node


@dataclass(frozen=True)
class Officer:
    """A named person who acts on this node.

    `via`: how they came (command, session, token). `credential`: the start of the hash of what they came with.
    `verbs`: what a token is limited to; None: all that the officer may. `stands_in`: those of the roles that are
    another's, as (role, whose), while the officer stands in for them.
    """

    id: str
    roles: frozenset[str] = frozenset()
    name: str = ""
    agency: str = OWN_AGENCY
    clearance: int = RESTRICTED
    purpose: str = "screening"
    via: str = "command"
    credential: str = ""
    verbs: frozenset[str] | None = None
    stands_in: tuple[tuple[str, str], ...] = ()
