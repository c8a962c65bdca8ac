"""Agreements on how soon an agency answers another: hours by urgency, with source and certainty."""

import tomllib
from datetime import date, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from lintas.model.errors import InputError

GENERAL = "general"
MAX_H = 24 * 365
Urgency = Literal["urgent", "priority", "routine"]
Hours = dict[Urgency, Annotated[float, Field(gt=0, le=MAX_H)]]
Line = Annotated[str, Field(min_length=1, max_length=500)]


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Agreement:
    """Hours by urgency. `certainty`: A primary text seen, B secondary, C unconfirmed, U unknown."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]{0,40}$")]
    words: Line
    source: Line
    certainty: Literal["A", "B", "C", "U"]
    checked_on: date
    acknowledge_h: Hours
    answer_h: Hours

    def __post_init__(self) -> None:
        for hours in (self.acknowledge_h, self.answer_h):
            if set(hours) != {"urgent", "priority", "routine"}:
                raise ValueError("hours for urgent, priority and routine")
        if any(self.acknowledge_h[name] > self.answer_h[name] for name in self.answer_h):
            raise ValueError("acknowledged no later than answered")

    def due(self, urgency: Urgency, at: datetime) -> tuple[datetime, datetime]:
        """By when what was said at a time is to be acknowledged, and answered."""
        acknowledged, answered = (timedelta(hours=one[urgency]) for one in (self.acknowledge_h, self.answer_h))
        return at + acknowledged, at + answered


_AGREEMENTS, _ONE = TypeAdapter(list[Agreement]), TypeAdapter(Agreement)


def read(text: str) -> list[Agreement]:
    """Agreements in a TOML file of the form of agreements.toml. Raises InputError that names the first fault."""
    try:
        return _AGREEMENTS.validate_python(tomllib.loads(text).get("agreements", []))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise _bad(".".join(map(str, first["loc"])), first["msg"]) from error
    except ValueError as error:
        raise _bad(None, str(error)) from error


def said(agreement: Agreement) -> dict[str, Any]:
    """As it is written down."""
    told: dict[str, Any] = _ONE.dump_python(agreement, mode="json")
    return told


@cache
def shipped() -> tuple[Agreement, ...]:
    """Those that every node knows."""
    return tuple(read((files("lintas.reference") / "agreements.toml").read_text(encoding="utf-8")))


def _bad(where: str | None, fault: str) -> InputError:
    return InputError(
        f"This is no file of agreements: {fault[:200]}",
        where=where,
        do="Write it like the example in docs/exchange.md.",
        code="bad_agreement",
    )
