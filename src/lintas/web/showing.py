"""How values are written on the pages: times, numbers, codes in words, names in their script."""

import unicodedata
from collections.abc import Iterable
from datetime import UTC, datetime

from markupsafe import Markup

from lintas.model.entity import property_of, schema_of, value_words
from lintas.model.errors import InputError

SHORT_HASH = 4


def moment(at: datetime | str | None) -> Markup:
    """A time in UTC, to the minute; the local zone is told on hover."""
    if at is None:
        return Markup("")
    when = datetime.fromisoformat(at) if isinstance(at, str) else at
    when = (when if when.tzinfo else when.replace(tzinfo=UTC)).astimezone(UTC)
    return Markup('<time datetime="{}">{}</time>').format(
        when.strftime("%Y-%m-%dT%H:%M:%SZ"), when.strftime("%Y-%m-%d %H:%M")
    )


def day(at: datetime | str | None) -> Markup:
    """The day of a time."""
    if at is None:
        return Markup("")
    when = datetime.fromisoformat(at) if isinstance(at, str) else at
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return Markup('<time datetime="{}">{}</time>').format(
        when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), when.astimezone(UTC).strftime("%Y-%m-%d")
    )


def grouped(number: int | None) -> str:
    """A count with its thousands apart."""
    return "" if number is None else f"{number:,}"


def signed(number: float) -> str:
    """A contribution with its sign."""
    return f"{number:+.2f}".replace("-", "\N{MINUS SIGN}")


def size(n_bytes: int) -> str:
    """A size of a file in the unit that fits."""
    if n_bytes < 1000:
        return f"{n_bytes} B"
    return f"{n_bytes / 1000:,.0f} kB" if n_bytes < 1_000_000 else f"{n_bytes / 1_000_000:,.1f} MB"


def duration(seconds: float) -> str:
    """A duration in its two largest units."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def short_hash(digest: str) -> str:
    """The two ends of a hash."""
    return f"{digest[:SHORT_HASH]}\N{HORIZONTAL ELLIPSIS}{digest[-SHORT_HASH:]}" if digest else ""


def countries(codes: Iterable[str]) -> str:
    """Country codes as names."""
    return ", ".join(value_words("country", code) for code in codes)


def schema_words(name: str) -> str:
    """What a schema is called."""
    try:
        return str(schema_of(name).label)
    except InputError:
        return name


def property_words(schema: str, prop: str) -> str:
    """What a property is called."""
    try:
        return str(property_of(schema, prop).label)
    except InputError:
        return prop


def in_words(schema: str, prop: str, value: str) -> str:
    """A value of a property as a reader says it."""
    try:
        kind = property_of(schema, prop).type.name
    except InputError:
        return value
    return value_words(kind, value) if kind in ("country", "topic", "gender", "language") else value


def in_script(names: Iterable[str]) -> list[str]:
    """The names that are not in Latin letters."""
    return [name for name in names if any(_is_other_script(c) for c in name)]


def in_latin(names: Iterable[str]) -> list[str]:
    """The names in Latin letters."""
    return [name for name in names if not any(_is_other_script(c) for c in name)]


def _is_other_script(letter: str) -> bool:
    return not letter.isascii() and letter.isalpha() and not unicodedata.name(letter, "").startswith("LATIN")
