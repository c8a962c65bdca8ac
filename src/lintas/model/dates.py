"""Dates as lists and customer files write them: partial, in words, in the Buddhist era."""

import re
from calendar import monthrange

# The first three letters in English, Indonesian and Malay.
MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan",
            "feb",
            "mar mac",
            "apr",
            "may mei",
            "jun",
            "jul",
            "aug agu ogo",
            "sep",
            "oct okt",
            "nov",
            "dec des dis",
        ),
        start=1,
    )
    for name in names.split()
}
# A year in the Buddhist era is 543 ahead of the common era (Thailand; Royal Institute).
# No list names a person born after 2399 CE or before 1857 CE, so the two ranges cannot meet.
BUDDHIST_ERA = 543
BUDDHIST_YEARS = range(2400, 2700)
COMMON_YEARS = range(1600, 2200)

_APPROXIMATE = re.compile(r"^(circa|approximately|approx\.?|about|between|c\.|ca\.?|~)\s*", re.IGNORECASE)
_TIME = re.compile(r"[T ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?\s*(Z|[+-]\d{2}:?\d{2})?$")
_YEAR_FIRST = re.compile(r"^(\d{4})(?:[-/.](\d{1,2})(?:[-/.](\d{1,2}))?)?$")
_DAY_FIRST = re.compile(r"^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})$")
_DAY_NAMED = re.compile(r"^(\d{1,2})[-\s]+([A-Za-z]{3,9})\.?[-\s,]+(\d{4})$")
_MONTH_NAMED = re.compile(r"^([A-Za-z]{3,9})\.?\s+(?:(\d{1,2}),?\s+)?(\d{4})$")
_ERA = re.compile(r"\s*(B\.?\s?E\.?|พ\.ศ\.)\s*", re.IGNORECASE)


def parse_date(text: str) -> str | None:
    """ISO 8601 date with the precision that was given: `1954-07-04`, `1954-07` or `1954`.

    Understands ISO, day-month-year (day first, as the publishers and the region write it),
    months named in English, Indonesian or Malay, `circa`, a trailing time, and years of the Buddhist era.
    A day and month that can only be read month first (`07/25/1970`) are read so.
    Returns None for what is no date: an impossible day, a year out of range, other words.
    """
    text = _ERA.sub(" ", text.strip()).strip()
    text = _TIME.sub("", _APPROXIMATE.sub("", text)).strip().rstrip("Z")
    if found := _YEAR_FIRST.match(text):
        return _iso(found[1], found[2], found[3])
    if found := _DAY_FIRST.match(text):
        day, month = (found[1], found[2]) if int(found[2]) <= 12 else (found[2], found[1])
        return _iso(found[3], month, day)
    if found := _DAY_NAMED.match(text):
        return _named(found[3], found[2], found[1])
    if found := _MONTH_NAMED.match(text):
        return _named(found[3], found[1], found[2])
    return None


def is_buddhist(text: str) -> bool:
    """Whether the year in `text` can only be one of the Buddhist era."""
    return any(int(year) in BUDDHIST_YEARS for year in re.findall(r"\d{4}", text))


def _named(year: str, month: str, day: str | None) -> str | None:
    number = MONTHS.get(month[:3].lower())
    return None if number is None else _iso(year, str(number), day)


def _iso(year: str, month: str | None, day: str | None) -> str | None:
    common = int(year) - BUDDHIST_ERA if int(year) in BUDDHIST_YEARS else int(year)
    if common not in COMMON_YEARS:
        return None
    if month is None or int(month) == 0:
        return f"{common:04d}" if day is None or int(day) == 0 else None
    if int(month) > 12:
        return None
    if day is None or int(day) == 0:
        return f"{common:04d}-{int(month):02d}"
    if int(day) > monthrange(common, int(month))[1]:
        return None
    return f"{common:04d}-{int(month):02d}-{int(day):02d}"
