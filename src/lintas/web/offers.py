"""What a page offers an officer: only the ways that they may go. The answers are kept by the policies' own cache."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from lintas.desk import access, inbox
from lintas.desk.office import Office
from lintas.model.officer import Officer
from lintas.web.words import N_


@dataclass(frozen=True)
class Section:
    """A part of Administration, and the verb of the desk that it begins with."""

    name: str
    verb: str
    words: str


SECTIONS = (
    Section("officers", "officers.read", N_("Officers")),
    Section("tokens", "tokens.read", N_("Tokens")),
    Section("jobs", "jobs.read", N_("Work in the background")),
    Section("settings", "settings.read", N_("Settings")),
    Section("health", "metrics.read", N_("Health and alarms")),
    Section("log", "log.verify", N_("The log")),
)


@dataclass(frozen=True)
class Waits:
    """How much waits for the officer of a request; asked for when a page shows it, and once."""

    office: Office
    officer: Officer | None

    @cached_property
    def n(self) -> int:
        """So many; nothing for who is not signed in."""
        return 0 if self.officer is None else inbox.n_waiting(self.office, self.officer)

    @property
    def is_many(self) -> bool:
        """Whether it was counted no further."""
        return self.n >= inbox.MOST


def offers(office: Office) -> tuple[Callable[[Officer | None, str], bool], Callable[[Officer | None], list[Section]]]:
    """For templates: whether an officer may do a verb, and the parts of Administration that are theirs."""

    def may(officer: Officer | None, verb: str) -> bool:
        return officer is not None and access.may(office, officer, verb)

    def sections(officer: Officer | None) -> list[Section]:
        return [one for one in SECTIONS if may(officer, one.verb)]

    return may, sections
