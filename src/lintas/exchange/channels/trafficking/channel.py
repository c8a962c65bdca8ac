"""Trafficking in persons: how people were won, moved and held. Victims are counted, never named, here."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from pydantic import ConfigDict

from lintas.exchange.reports import Count, Countries, Country
from lintas.exchange.types import Line


@dataclass(frozen=True)
class Trafficking:
    """One place or one movement. `what`, `by`: act, purpose and means of the Palermo Protocol (2000), Article 3."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    what: Literal["recruitment", "transport", "harbouring", "release"]
    aim: Literal["forced_crime", "forced_labour", "sexual_exploitation", "servitude", "organs", "other"]
    by: Literal["deception", "debt", "force", "papers_taken", "position_abused", "unknown"]
    country: Country | None = None
    place: Line | None = None
    route: Countries | None = None
    n_persons: Count | None = None
    n_minors: Count | None = None
    offered: Line | None = None  # what was promised, as the job that was advertised
    happened_on: date | None = None


REPORT = Trafficking
