"""What waits for an officer: everything they may do something about, with the time it has left."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import pairwise

from sqlalchemy import Connection

from lintas.desk import access, clocks, decisions, policy
from lintas.desk.clocks import Clock, Clocks
from lintas.desk.office import Office
from lintas.desk.paging import check_page
from lintas.desk.policy import Facts
from lintas.model.case import BrokenGlass, Case, Proposal
from lintas.model.errors import InputError
from lintas.model.officer import Officer
from lintas.model.run import RunMatch
from lintas.model.scope import NOTHING, Scope
from lintas.store import cases, waiting
from lintas.store.waiting import Group

# In the order they are shown. What is in WORK waits for the officer; a case is only open.
MATCHES = waiting.KINDS
WORK = (*MATCHES, "proposals", "glass")
KINDS = (*WORK, "cases")
MOST = 1000  # counted no further: whoever has a thousand of a kind has many
_VERBS = {"matches": "runs.decide", "asked": "runs.decide", "outcomes": "outcomes.decide"}
_RULES = {"matches": "review_within_h", "asked": "answer_within_h", "outcomes": "freeze_within_h"}


@dataclass(frozen=True)
class Item:
    """One thing that waits. `about`: of a proposal, the match that it is about. `is_own`: it waits for another."""

    kind: str
    thing: RunMatch | Proposal | BrokenGlass | Case
    clock: Clock | None
    about: RunMatch | None = None
    is_own: bool = False


@dataclass(frozen=True)
class Inbox:
    """What waits, one page of it. `counts`: by kind, of those that this officer can have, up to MOST of each."""

    counts: Mapping[str, int]
    items: tuple[Item, ...]
    total: int
    groups: tuple[Group, ...]  # the runs in which what was asked for waits
    clocks: Clocks


def inbox(
    office: Office,
    officer: Officer,
    kind: str = "",
    *,
    run: int | None = None,
    edges: Sequence[float] = (),
    band: int | None = None,
    limit: int = 100,
    offset: int = 0,
) -> Inbox:
    """What waits for an officer, what has the least time left first; of one kind, page by page in the order of work.

    `run`, `band` (of the scores between `edges`, falling): of matches, those only. Raises InputError for another kind.
    """
    access.require(office, officer, "inbox.read", "what waits", {"kind": kind[:40], "run": run})
    check_page(limit, offset)
    if kind and kind not in KINDS:
        raise InputError(f"Nothing is called {kind[:40]!r} here", do=f"Use: {', '.join(KINDS)}.", code="unknown_kind")
    bounds = [(low, high) for high, low in pairwise((2.0, *edges, 0.0))]
    if band is not None and not 0 <= band < len(bounds):
        raise InputError(f"There is no band {band}", do=f"Ask for 0 to {len(bounds) - 1}.", code="bad_band")
    between = None if band is None else bounds[band]
    facts = access.facts(office, officer)
    with office.database.read() as connection:
        look = _Look(connection, facts, office.now(), clocks.read(connection, office.now()))
        counts = {name: look.count(name) for name in KINDS if look.has(name)}
        if not kind:
            every = [item for name in counts for item in look.items(name, limit=limit)]
            every.sort(key=lambda item: (item.clock is None, item.clock.due if item.clock else look.at))
            return Inbox(counts, tuple(every[:limit]), sum(counts.values()), (), look.clocks)
        groups = look.groups(kind, edges)
        items = look.items(kind, run=run, between=between, limit=limit, offset=offset)
    n_in = {group.run: group.n if band is None else group.bands[band] for group in groups}
    total = counts.get(kind, 0) if kind not in MATCHES else n_in.get(run, 0) if run else sum(n_in.values())
    return Inbox(counts, tuple(items), total, tuple(groups), look.clocks)


def decide(office: Office, officer: Officer, chosen: Mapping[int, Sequence[int]], verdict: str, reason: str) -> int:
    """Decide matches that wait, given by run, under one reason; how many.

    All of them or none: raises what `decisions.decide` does, ConflictError too when one no longer waits.
    """
    return decisions.decide(office, officer, chosen, verdict, reason, if_open=True)


def n_waiting(office: Office, officer: Officer) -> int:
    """How much waits for an officer, for beside the way to the inbox: numbers only, so the log has no row of it."""
    facts = access.facts(office, officer)
    with office.database.read() as connection:
        look = _Look(connection, facts, office.now(), clocks.read(connection, office.now()))
        return sum(look.count(kind) for kind in WORK if look.has(kind))


@dataclass(frozen=True)
class _Look:
    """One officer's look at what waits, at one time."""

    connection: Connection
    facts: Facts
    at: datetime
    clocks: Clocks

    def has(self, kind: str) -> bool:
        """Whether anything of the kind can wait for this officer."""
        if kind == "glass":
            return policy.allows(self.facts, "glass.review")
        if kind == "proposals":
            return self.scope("proposals.decide", "Proposal") != NOTHING or bool(self.proposals)
        verb, thing = ("cases.read", "Case") if kind == "cases" else (_VERBS[kind], "Run")
        return self.scope(verb, thing) != NOTHING

    def count(self, kind: str) -> int:
        """How many wait; a proposal of one's own waits for another."""
        if kind in MATCHES:
            scope = self.scope(_VERBS[kind], "Run")
            return waiting.count(self.connection, scope, kind, at=self.at, most=MOST)
        return sum(not item.is_own for item in self.items(kind, limit=MOST))

    def groups(self, kind: str, edges: Sequence[float]) -> list[Group]:
        """The runs in which matches of the kind wait."""
        if kind not in MATCHES:
            return []
        scope = self.scope(_VERBS[kind], "Run")
        return waiting.groups(self.connection, scope, kind, at=self.at, edges=edges)

    def items(
        self,
        kind: str,
        *,
        run: int | None = None,
        between: tuple[float, float] | None = None,
        limit: int,
        offset: int = 0,
    ) -> list[Item]:
        """A page of what waits of one kind."""
        if not self.has(kind):
            return []
        if kind in MATCHES:
            scope, rule = self.scope(_VERBS[kind], "Run"), _RULES[kind]
            where = {"at": self.at, "run": run, "between": between, "limit": limit, "offset": offset}
            found = waiting.page(self.connection, scope, kind, **where)  # type: ignore[arg-type]
            return [Item(kind, match, self.clocks.started(since, rule)) for match, since in found]
        held = self.proposals if kind == "proposals" else self.glass() if kind == "glass" else self.cases()
        return held[offset : offset + limit]

    @cached_property
    def proposals(self) -> list[Item]:
        """What the officer may decide on; after it what they proposed themselves."""
        me = self.facts.officer.id
        held = cases.waiting(self.connection, self.scope("proposals.read", "Proposal"), at=self.at)
        may = self.scope("proposals.decide", "Proposal") != NOTHING
        shown = [one for one in held if may or one.proposed_by == me]
        seen = waiting.within(self.connection, self.scope("runs.read", "Run"), [one.match or 0 for one in shown])
        items = [
            Item(
                "proposals",
                one,
                self.clocks.ending(one.proposed_at, one.expires_at),
                about=seen.get(one.match or 0),
                is_own=one.proposed_by == me,
            )
            for one in shown
        ]
        return sorted(items, key=lambda item: item.is_own)

    def glass(self) -> list[Item]:
        """Emergency access by others that nobody reviewed yet."""
        who = self.facts.officer
        found = cases.glass(self.connection, who.agency, unreviewed=True, but=who.id)
        rule = "glass_review_within_h"
        return [Item("glass", one, self.clocks.started(one.at, rule)) for one in found]

    def cases(self) -> list[Item]:
        """The open cases that the officer is assigned to."""
        found = cases.reachable(self.connection, self.scope("cases.read", "Case"))
        return [Item("cases", one, None) for one in found if one.number in self.facts.cases]

    def scope(self, verb: str, kind: str) -> Scope:
        """The rows of a kind that the officer may do the verb to."""
        return policy.reach(self.facts, verb, kind)
