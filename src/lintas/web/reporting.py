"""The report of a channel as a part of the form: its fields, and back into what the message carries."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, Literal, get_args, get_origin, get_type_hints

from lintas.desk import correspondence
from lintas.model.errors import InputError
from lintas.web.words import N_


def fields_of(channel: str) -> Mapping[str, Any]:
    """The type of each field of a channel's report, bare of its rules, in their order."""
    return {
        name: _bare(hint)
        for name, hint in get_type_hints(correspondence.report_of(channel), include_extras=True).items()
    }


def report_of(channel: str, given: Mapping[str, str]) -> dict[str, Any]:
    """What the fields of a channel say; empty when none is filled in. Raises InputError."""
    filled = {name: text.strip() for name, text in given.items() if name.startswith("report.") and text.strip()}
    mine = f"report.{channel}."
    for name in filled:
        if not name.startswith(mine):
            raise InputError(
                N_("Fields of another channel are filled in"),
                where=name.removeprefix("report.")[:60],
                do=N_("Choose that channel, or empty them."),
                code="other_channel",
            )
    known = fields_of(channel) if filled else {}
    return {name: _read(name, kind, filled[mine + name]) for name, kind in known.items() if mine + name in filled}


def _bare(hint: Any) -> Any:
    """Of `Annotated[X, ...] | None`: X."""
    inner = [one for one in get_args(hint) if one is not type(None)] if type(None) in get_args(hint) else [hint]
    (only,) = inner
    return only.__origin__ if hasattr(only, "__metadata__") else only


def _read(name: str, kind: Any, text: str) -> Any:
    if get_origin(kind) is list:
        return text.lower().split()
    is_time = name.endswith("_at")
    if get_origin(kind) is Literal or (kind in (str, date) and not is_time):
        return text
    try:
        if is_time:
            at = datetime.fromisoformat(text)
            return (at if at.tzinfo else at.replace(tzinfo=UTC)).isoformat()
        return kind(text.replace(",", ".") if kind is float else text)
    except ValueError as error:
        raise InputError(
            N_("This is no number or time"),
            where=f"{name}: {text[:40]}",
            do=N_("Write 3.5 or 2026-03-01 14:30."),
            code="bad_number",
        ) from error
