"""How values are written on the pages: times, numbers, codes in words, names in their script.

Days and times are ISO 8601 in every language: officers of several states read the same page, and 04/05 is two days.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from gettext import NullTranslations

from babel import Locale, UnknownLocaleError
from babel.numbers import get_decimal_symbol, get_group_symbol
from markupsafe import Markup, escape

from lintas.model.entity import property_of, schema_of, value_words
from lintas.model.errors import InputError
from lintas.web.words import N_, Rooms

SHORT_HASH = 4
CODES = ("country", "topic", "gender", "language")  # types whose values are codes


@dataclass(frozen=True)
class Showing:
    """What depends on the language: words of the pages, names of schemata and codes, signs in numbers."""

    language: str
    translations: NullTranslations
    rooms: Rooms = field(default_factory=Rooms)

    def said(self, words: str) -> str:
        """Words that were marked for translation; any others as they are."""
        return self.translations.gettext(words) if words else words

    def told(self, words: str) -> str:
        """What an error or a problem says, whether the pages made it or a room under them."""
        said = self.said(words)
        return self.rooms.said(words) if said == words else said

    def grouped(self, number: int | None) -> str:
        """A count with its thousands apart."""
        return "" if number is None else self._local(f"{number:,}")

    def score(self, number: float) -> str:
        """A score with two digits."""
        return self._local(f"{number:.2f}")

    def decimal(self, number: float | str) -> str:
        """A number with the digits that it has."""
        return self._local(str(number))

    def signed(self, number: float) -> str:
        """A contribution with its sign."""
        return self._local(f"{number:+.2f}").replace("-", "\N{MINUS SIGN}")

    def size(self, n_bytes: int) -> str:
        """A size of a file in the unit that fits."""
        if n_bytes < 1000:
            return f"{n_bytes} B"
        if n_bytes < 1_000_000:
            return self._local(f"{n_bytes / 1000:,.0f} kB")
        return self._local(f"{n_bytes / 1e6:,.1f} MB" if n_bytes < 1_000_000_000 else f"{n_bytes / 1e9:,.1f} GB")

    def duration(self, seconds: float) -> str:
        """A duration in its two largest units."""
        minutes, rest = divmod(round(seconds), 60)
        hours, minutes = divmod(minutes, 60)
        if hours:
            return self.said(N_("%(h)s h %(min)s min")) % {"h": hours, "min": minutes}
        words = N_("%(min)s min %(s)s s") if minutes else N_("%(s)s s")
        return self.said(words) % {"min": minutes, "s": rest}

    def span(self, seconds: float) -> str:
        """How long a thing may still wait or is late, to the minute: days and hours, or hours and minutes."""
        hours, minutes = divmod(abs(round(seconds)) // 60, 60)
        days, rest = divmod(hours, 24)
        if days:
            return self.said(N_("%(d)s d %(h)s h")) % {"d": days, "h": rest}
        words = N_("%(h)s h %(min)s min") if hours else N_("%(min)s min")
        return self.said(words) % {"h": hours, "min": minutes}

    def countries(self, codes: Iterable[str]) -> str:
        """Country codes as names."""
        return ", ".join(self.code("country", code) for code in codes)

    def code(self, kind: str, value: str) -> str:
        """A code of a FollowTheMoney type in words."""
        return self._named(kind, value_words(kind, value))

    def topic_words(self, value: str) -> str:
        """A topic in words."""
        return self.code("topic", value)

    def schema_words(self, name: str) -> str:
        """What a schema is called."""
        try:
            return self._named("schema", str(schema_of(name).label))
        except InputError:
            return name

    def property_words(self, schema: str, prop: str) -> str:
        """What a property is called."""
        try:
            return self._named("property", str(property_of(schema, prop).label))
        except InputError:
            return prop

    def link_words(self, words: str) -> str:
        """What a link between two entities is called: a property, a schema, or a role in the words of its list."""
        named = self._named("property", words)
        return self._named("schema", words) if named == words else named

    def in_words(self, schema: str, prop: str, value: str) -> str:
        """A value of a property as a reader says it."""
        try:
            kind = property_of(schema, prop).type.name
        except InputError:
            return value
        return self.code(kind, value) if kind in CODES else value

    def _named(self, context: str, words: str) -> str:
        return self.translations.pgettext(context, words)

    def _local(self, number: str) -> str:
        return number.translate(self._signs)

    @cached_property
    def _signs(self) -> dict[int, str]:
        """The group and decimal signs of the language, as CLDR has them; those of English when it has none."""
        try:
            locale = Locale.parse(self.language)
        except (UnknownLocaleError, ValueError):
            return {}
        return {ord(","): get_group_symbol(locale), ord("."): get_decimal_symbol(locale)}


def moment(at: datetime | str | None) -> Markup:
    """A time in UTC, to the minute; the local zone is told on hover."""
    return _time(at, "%Y-%m-%d %H:%M")


def day(at: datetime | str | None) -> Markup:
    """The day of a time, in UTC."""
    return _time(at, "%Y-%m-%d")


def _time(at: datetime | str | None, shape: str) -> Markup:
    if at is None:
        return Markup("")
    try:
        when = datetime.fromisoformat(at) if isinstance(at, str) else at
    except ValueError:
        return escape(at)  # a row of the log that somebody changed is shown as it is
    when = (when if when.tzinfo else when.replace(tzinfo=UTC)).astimezone(UTC)
    return Markup('<time datetime="{}">{}</time>').format(when.strftime("%Y-%m-%dT%H:%M:%SZ"), when.strftime(shape))


def short_hash(digest: str) -> str:
    """The two ends of a hash."""
    return f"{digest[:SHORT_HASH]}\N{HORIZONTAL ELLIPSIS}{digest[-SHORT_HASH:]}" if digest else ""


def in_script(names: Iterable[str]) -> list[str]:
    """The names that are not in Latin letters."""
    return [name for name in names if any(_is_other_script(c) for c in name)]


def in_latin(names: Iterable[str]) -> list[str]:
    """The names in Latin letters."""
    return [name for name in names if not any(_is_other_script(c) for c in name)]


def _is_other_script(letter: str) -> bool:
    return not letter.isascii() and letter.isalpha() and not unicodedata.name(letter, "").startswith("LATIN")
