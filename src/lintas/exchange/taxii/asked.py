"""What the query of a request asks for: filters, how many, and where the page before ended."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from lintas.exchange.taxii import times
from lintas.model.errors import InputError
from lintas.model.taxii import ALL, FIRST, LAST, Place, Wanted

# Which match[...] an endpoint knows (TAXII 2.1, chapter 5); it passes over the others.
OF_OBJECTS = ("id", "type", "version", "spec_version")
OF_OBJECT = ("version", "spec_version")
OF_VERSIONS = ("spec_version",)
PAGE, LONGEST_PAGE = 100, 1_000  # objects; ours, the protocol leaves it to the server
_SPEC = re.compile(r"\d\.\d", re.ASCII)
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def wanted(query: Mapping[str, str], known: Collection[str]) -> Wanted:
    """The filters of a query. Raises InputError for a value that is none."""
    said = {name: _values(query, name) if name in known else () for name in OF_OBJECTS}
    for one in said["spec_version"]:
        if not _SPEC.fullmatch(one):
            raise _bad("match[spec_version]", one, "2.0 or 2.1")
    words = frozenset(said["version"]) & {FIRST, LAST, ALL}
    dates = tuple(times.read(one) for one in said["version"] if one not in words)
    after = query.get("added_after")
    return Wanted(
        ids=said["id"],
        types=said["type"],
        words=words if words or dates else frozenset({LAST}),
        versions=dates,
        spec_versions=said["spec_version"],
        added_after=None if after is None else times.read(after),
    )


def limit(query: Mapping[str, str]) -> int:
    """How many objects a page may have. Raises InputError for no number, and for none."""
    text = query.get("limit", str(PAGE))
    if not (text.isascii() and text.isdecimal() and len(text) < 19 and int(text) > 0):
        raise _bad("limit", text, f"a number from 1 to {LONGEST_PAGE}")
    return min(int(text), LONGEST_PAGE)


def token(place: Place, query: Mapping[str, str], about: str) -> str:
    """The value of `next`: where this page ended, and a digest of what was asked, which has to stay the same."""
    micros = (place.added_at - _BEGINNING) // _MICROSECOND
    return urlsafe_b64encode(f"{micros}.{place.number}.{_digest(query, about)}".encode()).decode().rstrip("=")


def place(query: Mapping[str, str], about: str) -> Place | None:
    """Where the page before ended; None for the first page. Raises InputError when anything else changed."""
    text = query.get("next")
    if text is None:
        return None
    try:
        parts = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4)).decode("ascii").split(".")
        micros, number, digest = int(parts[0]), int(parts[1]), parts[2]
        found = Place(_BEGINNING + micros * _MICROSECOND, number)
    except (ValueError, IndexError, OverflowError) as error:
        raise _bad("next", text, "what the page before gave") from error
    if digest != _digest(query, about) or not 0 <= number < 2**31:
        raise _bad("next", text, "what the page before gave, with the same filters")
    return found


def _digest(query: Mapping[str, str], about: str) -> str:
    kept = sorted((name, sorted(value.split(","))) for name, value in query.items() if name not in ("limit", "next"))
    return sha256(repr((about, kept)).encode("utf-8", "replace")).hexdigest()[:16]


def _values(query: Mapping[str, str], name: str) -> tuple[str, ...]:
    text = query.get(f"match[{name}]", "")
    return tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))


def _bad(name: str, value: str, wanted: str) -> InputError:
    return InputError(f"{name} cannot be used", where=value[:64], do=f"Give {wanted}.", code="bad_parameter")
