"""What waits for an officer: everything they may do something about, with the time it has left."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

from sqlalchemy import Connection

from lintas.desk import access, alarms, clocks, decisions, policy
from lintas.desk.alarms import Alarm
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
WORK = (*MATCHES, "proposals", "glass", "alarms")
KINDS = (*WORK, "cases")
MOST = 1000  # beside the way to the inbox it is counted no further: who has a thousand of a kind has many
_VERBS = {"matches": "runs.decide", "asked": "runs.decide", "outcomes": "outcomes.decide"}
_RULES = {"matches": "review_within_h", "asked": "answer_within_h", "outcomes": "freeze_within_h"}


@dataclass(frozen=True)
class Item:
    """One thing that waits. `about`: of a proposal, the match that it is about. `is_own`: it waits for another."""

    kind: str
    thing: RunMatch | Proposal | BrokenGlass | Alarm | Case
    clock: Clock | None
    about: RunMatch | None = None
    is_own: bool = False


@dataclass(frozen=True)
class Inbox:
    """What waits, one page of it. `counts`: by kind, of those that this officer can have."""

    counts: Mapping[str, int]
    items: tuple[Item, ...]
    total: int
    groups: tuple[Group, ...]  # the runs in which what was asked for waits
    clocks: Clocks


@dataclass(frozen=True)
class Part:
    """What of a kind is asked for: of one run, of one band of the scores between `edges`, which fall; one page."""

    run: int | None = None
    edges: Sequence[float] = ()
    band: int | None = None
    limit: int = 100
    offset: int = 0


def inbox(office: Office, officer: Officer, kind: str = "", part: Part = Part()) -> Inbox:
    """What waits for an officer, what has the least time left first; of one kind, page by page in the order of work.

    Raises InputError for another kind, or a band that is none.
    """
    access.require(office, officer, "inbox.read", "what waits", {"kind": kind[:40], "run": part.run})
    check_page(part.limit, part.offset)
    if kind and kind not in KINDS:
        raise InputError(
            f"Nothing is called {kind[:40]!r} here", do=f"Use one of: {', '.join(KINDS)}.", code="unknown_kind"
        )
    if part.band is not None and not 0 <= part.band <= len(part.edges):
        raise InputError(f"There is no band {part.band}", do=f"Ask for 0 to {len(part.edges)}.", code="bad_band")
    facts = access.facts(office, officer)
    raised = _raised(office, facts)
    with office.database.read() as connection:
        look = _Look(connection, facts, office.now(), clocks.read(connection, office.now()), raised, part.edges)
        counts = {name: look.count(name) for name in KINDS if look.has(name)}
        if kind:
            items, groups = look.items(kind, part), tuple(look.groups(kind)) if kind in MATCHES else ()
            inside = [group.within(part.band) for group in groups if part.run in (None, group.run)]
            total = sum(inside) if kind in MATCHES else counts.get(kind, 0)
            return Inbox(counts, tuple(items), total, groups, look.clocks)
        every = [item for name in counts for item in look.items(name, Part(limit=part.limit))]
    every.sort(key=lambda item: (item.clock is None, item.clock.due if item.clock else look.at))
    return Inbox(counts, tuple(every[: part.limit]), sum(counts.values()), (), look.clocks)


def decide(office: Office, officer: Officer, chosen: Mapping[int, Sequence[int]], verdict: str, reason: str) -> int:
    """Decide matches that wait, given by run, under one reason; how many.

    All of them or none: raises what `decisions.decide` does, ConflictError too when one no longer waits.
    """
    return decisions.decide(office, officer, chosen, verdict, reason, if_open=True)


def n_waiting(office: Office, officer: Officer) -> int:
    """How much waits for an officer, for beside the way to the inbox: a number only, so the log has no row of it."""
    facts = access.facts(office, officer)
    raised = _raised(office, facts)
    with office.database.read() as connection:
        look = _Look(connection, facts, office.now(), clocks.read(connection, office.now()), raised)
        return sum(look.n_about(kind) for kind in WORK if look.has(kind))


def _raised(office: Office, facts: Facts) -> tuple[Alarm, ...]:
    """What is wrong with the lists, for who may load them."""
    return alarms.raised(office) if policy.allows(facts, "lists.load") else ()


@dataclass(frozen=True)
class _Look:
    """One officer's look at what waits, at one time."""

    connection: Connection
    facts: Facts
    at: datetime
    clocks: Clocks
    raised: tuple[Alarm, ...]
    edges: Sequence[float] = ()
    _groups: dict[str, list[Group]] = field(default_factory=dict)

    def has(self, kind: str) -> bool:
        """Whether anything of the kind can wait for this officer."""
        if kind in ("glass", "alarms"):
            return policy.allows(self.facts, {"glass": "glass.review", "alarms": "lists.load"}[kind])
        if kind == "proposals":
            return self.scope("proposals.decide", "Proposal") != NOTHING or bool(self.proposals)
        verb, thing = ("cases.read", "Case") if kind == "cases" else (_VERBS[kind], "Run")
        return self.scope(verb, thing) != NOTHING

    def count(self, kind: str) -> int:
        """How many there are."""
        if kind in MATCHES:
            return sum(group.n for group in self.groups(kind))
        return len(self.items(kind, Part(limit=MOST)))

    def n_about(self, kind: str) -> int:
        """How many wait for this officer, up to MOST; a proposal of one's own waits for another."""
        if kind not in MATCHES:
            return sum(not item.is_own for item in self.items(kind, Part(limit=MOST)))
        scope = self.scope(_VERBS[kind], "Run")
        return waiting.count(self.connection, scope, kind, at=self.at, most=MOST)

    def groups(self, kind: str) -> list[Group]:
        """The runs in which matches of the kind wait; asked for once."""
        if kind not in self._groups:
            scope = self.scope(_VERBS[kind], "Run")
            self._groups[kind] = waiting.groups(self.connection, scope, kind, at=self.at, edges=self.edges)
        return self._groups[kind]

    def items(self, kind: str, part: Part) -> list[Item]:
        """A page of what waits of one kind."""
        if not self.has(kind):
            return []
        if kind in MATCHES:
            among = [group for group in self.groups(kind) if part.run in (None, group.run)]
            how = {"edges": self.edges, "band": part.band, "limit": part.limit, "offset": part.offset}
            page = waiting.page(self.connection, among, kind, at=self.at, **how)  # type: ignore[arg-type]
            return [Item(kind, match, self.clocks.started(since, _RULES[kind])) for match, since in page]
        others = {"glass": self.glass, "alarms": self.alarms, "cases": self.cases}
        held = self.proposals if kind == "proposals" else others[kind]()
        return held[part.offset : part.offset + part.limit]

    @cached_property
    def proposals(self) -> list[Item]:
        """What the officer may decide on; after it what they proposed themselves."""
        me = self.facts.officer.id
        held = cases.waiting(self.connection, self.scope("proposals.read", "Proposal"), at=self.at)
        may = self.scope("proposals.decide", "Proposal") != NOTHING
        shown = [one for one in held if may or one.proposed_by == me]
        seen = waiting.within(
            self.connection, self.scope("runs.read", "Run"), [one.match for one in shown if one.match]
        )
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
        return [Item("glass", one, self.clocks.started(one.at, "glass_review_within_h")) for one in found]

    def alarms(self) -> list[Item]:
        """Lists that are late or whose refresh failed; by when their publisher should have been asked again."""
        due = [(one, one.since + timedelta(hours=one.every_h)) for one in self.raised]
        return [Item("alarms", one, self.clocks.ending(one.since, at)) for one, at in due]

    def cases(self) -> list[Item]:
        """The open cases that the officer is assigned to."""
        found = cases.reachable(self.connection, self.scope("cases.read", "Case"))
        return [Item("cases", one, None) for one in found if one.number in self.facts.cases]

    def scope(self, verb: str, kind: str) -> Scope:
        """The rows of a kind that the officer may do the verb to."""
        return policy.reach(self.facts, verb, kind)
