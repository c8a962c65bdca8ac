"""Types of message: a folder each in `messages/`, with what its body holds and what it may answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from functools import cache, cached_property
from typing import Annotated, Any, Literal

import orjson
from pydantic import AfterValidator, ConfigDict, Field, TypeAdapter, ValidationError

from lintas.model import shelf
from lintas.model.errors import InputError

SHELF = "lintas.exchange.messages"
Line = Annotated[str, Field(min_length=1, max_length=500)]
Text = Annotated[str, Field(min_length=1, max_length=20_000)]
Words = Annotated[str, Field(max_length=20_000)]  # may be left empty
Count = Annotated[int, Field(ge=0, le=1_000_000_000)]  # fits every database's integer


@dataclass(frozen=True)
class Kind:
    """One type of message.

    `body`: a frozen dataclass. `opens`: whether it begins a thread. `answers`: the types it may reply to; `to_own`:
    of the same node's earlier message (a recall), else of the other's. `settles`: after it, the message that it
    replies to takes none of these any more. `by_machine`: the node itself writes it.
    """

    body: type[Any]
    opens: bool = False
    answers: frozenset[str] = frozenset()
    to_own: bool = False
    settles: frozenset[str] = frozenset()
    by_machine: bool = False

    @cached_property
    def is_timed(self) -> bool:
        """Whether it asks for an answer by a time."""
        return "due" in {one.name for one in fields(self.body)}

    @cached_property
    def _adapter(self) -> TypeAdapter[Any]:
        return TypeAdapter(self.body)

    def read(self, body: Mapping[str, Any]) -> Any:
        """The body as its dataclass. Raises InputError that names the first field that is wrong."""
        try:
            return self._adapter.validate_json(orjson.dumps(body))
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            raise InputError(
                f"{'.'.join(map(str, first['loc'])) or 'body'}: {first['msg']}",
                do="Correct this field.",
                code="bad_body",
            ) from error


@dataclass(frozen=True)
class Item:
    """One piece of information: what it is called, and what it says."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    label: Line
    value: Text


@dataclass(frozen=True)
class Subject:
    """Whom or what a message is about, as an entity's schema and properties."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    kind: Literal["person", "organization", "vessel", "account", "wallet", "phone", "other"]
    name: Line
    properties: Annotated[list[Item], Field(max_length=100)] = field(default_factory=list)


def _moment(text: str) -> str:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None or not 1970 <= found.year < 9000:  # so that it is a time in every zone
        raise ValueError("no time as ISO 8601 has it, with its zone, from 1970 on")
    return text


Moment = Annotated[str, Field(max_length=40, strict=True), AfterValidator(_moment)]  # as text: read as it is kept


@dataclass(frozen=True)
class Due:
    """By when the asking agency expects an answer, and by which agreement (of the asking node) that is."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    agreement: Line
    acknowledge_by: Moment
    answer_by: Moment


CHANNELS = ("maritime", "cyber", "proliferation_finance", "fraud", "trafficking", "general")
Channel = Literal["maritime", "cyber", "proliferation_finance", "fraud", "trafficking", "general"]
Urgency = Literal["urgent", "priority", "routine"]
Items = Annotated[list[Item], Field(max_length=500)]
Subjects = Annotated[list[Subject], Field(max_length=500)]
Reports = Annotated[list[dict[str, Any]], Field(max_length=100)]  # of the channel: see reports.py


def names() -> tuple[str, ...]:
    """Every type that this node knows."""
    return shelf.names(SHELF)


@cache
def of(name: str) -> Kind:
    """The type of a name. Raises NotFoundError."""
    kind: Kind = shelf.take(SHELF, name, "message").MESSAGE
    return kind
