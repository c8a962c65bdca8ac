"""Fraud and scams: how victims were reached, and where their money went."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from pydantic import ConfigDict

from lintas.exchange.reports import Amount, Count, Countries, Currency
from lintas.exchange.types import Line


@dataclass(frozen=True)
class Fraud:
    """One scheme or one account of it."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    what: Literal["investment", "romance", "impersonation", "job", "loan", "purchase", "account_takeover", "other"]
    reached_by: Literal["telephone", "message", "social_media", "dating", "advertisement", "e_mail", "other"]
    contact: Line | None = None  # number, handle, address that victims saw
    account: Line | None = None
    bank: Line | None = None
    wallet: Line | None = None
    amount: Amount | None = None
    currency: Currency | None = None
    n_victims: Count | None = None
    happened_on: date | None = None
    victim_countries: Countries | None = None


REPORT = Fraud
