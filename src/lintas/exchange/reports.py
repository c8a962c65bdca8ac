"""What a report of a channel says: fields of their own, so that a ship, a wallet or a payment can be found again."""

from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any

import orjson
from pydantic import AfterValidator, Field, TypeAdapter, ValidationError

from lintas.exchange.types import Line, Moment
from lintas.model import imo, mmsi, shelf
from lintas.model.errors import InputError

SHELF = "lintas.exchange.channels"
GENERAL = "general"  # has no fields of its own


def _imo(text: str) -> str:
    if imo.parse(text) is None:
        raise ValueError("no IMO number of a ship: seven digits, of which the last checks the others")
    return text


def _mmsi(text: str) -> str:
    if mmsi.parse(text) is None:
        raise ValueError("no MMSI of a ship")
    return text


Imo = Annotated[Line, AfterValidator(_imo)]
Mmsi = Annotated[Line, AfterValidator(_mmsi)]
Country = Annotated[str, Field(pattern=r"^[a-z]{2}$")]  # ISO 3166-1 alpha-2, lower case
Countries = Annotated[list[Country], Field(max_length=20)]
Currency = Annotated[str, Field(pattern=r"^[A-Z0-9]{3,10}$")]  # ISO 4217, or the ticker of a virtual asset
Amount = Annotated[str, Field(pattern=r"^\d{1,20}(\.\d{1,18})?$")]  # in whole units; text, so that nothing is rounded
Latitude = Annotated[float, Field(ge=-90, le=90)]
Longitude = Annotated[float, Field(ge=-180, le=180)]
When = Moment
Count = Annotated[int, Field(ge=0, le=10_000_000)]


def names() -> tuple[str, ...]:
    """The channels that have fields of their own."""
    return shelf.names(SHELF)


@cache
def of(channel: str) -> type[Any]:
    """The report of a channel, a frozen dataclass. Raises NotFoundError."""
    found: type[Any] = shelf.take(SHELF, channel, "channel").REPORT
    return found


def check(channel: str, told: Mapping[str, Any]) -> None:
    """Raises InputError that names the first field that is wrong."""
    try:
        TypeAdapter(of(channel)).validate_json(orjson.dumps(told))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"])) or "report"
        raise InputError(f"{channel} {where}: {first['msg']}", do="Correct this field.", code="bad_body") from error


def text(value: Any) -> str:
    """One field of a report as a line."""
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
