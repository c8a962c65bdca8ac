"""What a node has set: how long it keeps customers, what asks for a second officer, how long things may wait."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lintas.desk import access, clocks, custodians, four_eyes, overlays, retention, stamps
from lintas.desk.office import Office
from lintas.model.errors import InputError, NotFoundError
from lintas.model.officer import Officer
from lintas.model.run import OUTCOMES
from lintas.store import settings

# What can ask for a second officer: every verb that asks `four_eyes.asked_for`.
VERBS = (*(f"outcomes.{kind}" for kind in OUTCOMES), "runs.release", "runs.erase", custodians.VERB, overlays.VERB)
MAX_DAYS = 36_500  # a century, so that no date overflows
MAX_HOURS = 8760.0  # a year; ours
_DEFAULTS: Mapping[str, Any] = {
    retention.SETTING: None,
    four_eyes.SETTING: list(four_eyes.START),
    **clocks.START,
    custodians.SETTING: [],
    stamps.SETTING: None,
}


@dataclass(frozen=True)
class Setting:
    """One setting as it holds. `set_by` and `set_at` are None while the house's own start value does."""

    name: str
    value: Any
    set_by: str | None
    set_at: datetime | None


def read(office: Office, officer: Officer) -> Mapping[str, Setting]:
    """Every setting by name. Of custodians only their names and public keys."""
    access.require(office, officer, "settings.read", "all settings")
    with office.database.read() as connection:
        held = settings.everything(connection)
    return {name: Setting(name, *held.get(name, (start, None, None))) for name, start in _DEFAULTS.items()}


def change(office: Office, officer: Officer, name: str, value: Any) -> None:
    """Set one. Raises NotFoundError for a setting that is none or has its own way, InputError for a wrong value.

    `retention_days`: whole days, or None for ever. `four_eyes`: names out of VERBS. The clocks: hours.
    """
    access.require(office, officer, "settings.change", name[:64], {"value": value})
    if name not in _CHECKS:
        raise NotFoundError(
            f"There is no setting {name[:64]!r} to change",
            do=f"Use one of: {', '.join(_CHECKS)}.",
            code="unknown_setting",
        )
    kept = _CHECKS[name](value)
    with office.database.write() as connection:
        settings.put(connection, name, kept, by=officer.id, at=office.now())
    access.done(office, officer, "settings.change", name, {"value": kept})


def _days(value: Any) -> int | None:
    if value is not None and (type(value) is not int or not 1 <= value <= MAX_DAYS):
        raise _wrong(value, f"Use 1 to {MAX_DAYS} days, or none to keep for ever.")
    return value


def _verbs(value: Any) -> list[str]:
    if not isinstance(value, list | tuple) or any(one not in VERBS for one in value):
        raise _wrong(value, f"Use any of: {', '.join(VERBS)}.")
    return [verb for verb in VERBS if verb in value]


def _hours(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= MAX_HOURS:
        raise _wrong(value, f"Use hours, more than 0 and up to {MAX_HOURS:.0f}.")
    return float(value)


def _wrong(value: Any, do: str) -> InputError:
    return InputError(f"{str(value)[:64]!r} cannot be set here", do=do, code="bad_setting")


_CHECKS: Mapping[str, Callable[[Any], Any]] = {
    retention.SETTING: _days,
    four_eyes.SETTING: _verbs,
    **dict.fromkeys(clocks.START, _hours),
}
