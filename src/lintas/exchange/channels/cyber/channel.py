"""Cyber incidents: an indicator, what it was seen in, and when."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from lintas.exchange.reports import Countries, When
from lintas.exchange.types import Line

Technique = Annotated[str, Field(pattern=r"^T\d{4}(\.\d{3})?$")]  # MITRE ATT&CK


@dataclass(frozen=True)
class Cyber:
    """One indicator. `kind`: as STIX 2.1 and MISP call the same observables."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    what: Literal["theft", "intrusion", "phishing", "ransomware", "remote_worker", "infrastructure"]
    kind: Literal["ip", "domain", "url", "email", "sha256", "wallet", "account", "phone", "software", "other"]
    indicator: Line
    technique: Technique | None = None
    first_seen_at: When | None = None
    last_seen_at: When | None = None
    said_actor: Line | None = None
    hit_countries: Countries | None = None


REPORT = Cyber
