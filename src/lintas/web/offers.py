"""What a page offers an officer: only the ways that they may go. The answers are kept by the policies' own cache."""

from collections.abc import Callable
from dataclasses import dataclass

from lintas.desk import access
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


def offers(office: Office) -> tuple[Callable[[Officer | None, str], bool], Callable[[Officer | None], list[Section]]]:
    """For templates: whether an officer may do a verb, and the parts of Administration that are theirs."""

    def may(officer: Officer | None, verb: str) -> bool:
        return officer is not None and access.may(office, officer, verb)

    def sections(officer: Officer | None) -> list[Section]:
        return [one for one in SECTIONS if may(officer, one.verb)]

    return may, sections
