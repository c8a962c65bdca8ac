"""Proliferation financing: a payment, goods, a company or people, and the programme it is said to serve."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from lintas.exchange.reports import Amount, Countries, Currency
from lintas.exchange.types import Line

HsCode = Annotated[str, Field(pattern=r"^\d{4}(\d{2}){0,2}$")]  # Harmonized System: heading, subheading, national line


@dataclass(frozen=True)
class ProliferationFinance:
    """One finding. `what`: after the ways that FATF's guidance on proliferation financing (2021) tells apart."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    what: Literal["payment", "goods", "front_company", "shipping", "workers", "virtual_asset", "procurement"]
    programme: Literal["dprk", "iran", "other"]
    name: Line
    red_flag: Line
    measure: Line | None = None  # resolution and paragraph, as "UNSCR 2397 (2017) 7"
    goods: Line | None = None
    hs_code: HsCode | None = None
    amount: Amount | None = None
    currency: Currency | None = None
    happened_on: date | None = None
    route: Countries | None = None
    bank: Line | None = None


REPORT = ProliferationFinance
