"""Trends at sea: what a ship did, where and when."""

from dataclasses import dataclass
from typing import Literal

from pydantic import ConfigDict

from lintas.exchange.reports import Country, Imo, Latitude, Longitude, Mmsi, When
from lintas.exchange.types import Line


@dataclass(frozen=True)
class Maritime:
    """One event of one ship. The kinds are those of the UN Panel of Experts' reports and IMO Resolution A.1192(33)."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    what: Literal["dark", "false_position", "transfer", "identity", "flag", "port_call", "documents", "sighting"]
    ship: Line
    seen_by: Literal["ais", "satellite", "inspection", "person", "documents", "other"]
    imo: Imo | None = None
    mmsi: Mmsi | None = None
    flag: Country | None = None
    began_at: When | None = None
    ended_at: When | None = None
    lat_deg: Latitude | None = None
    lon_deg: Longitude | None = None
    place: Line | None = None
    other_ship: Line | None = None
    other_imo: Imo | None = None
    cargo: Line | None = None


REPORT = Maritime
