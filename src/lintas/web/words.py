"""The words of the pages in the officer's language. Catalogues are read as translators write them, at the start."""

from collections.abc import Iterable, Mapping
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LOCALE = Path(__file__).parent / "locale"
DEFAULT = "en"
DOMAINS = ("lintas", "ontology")  # the pages' own words; what FollowTheMoney calls its schemata, properties and codes


def catalogues(folder: Path = LOCALE) -> Mapping[str, NullTranslations]:
    """Translations by language; English needs none. A message that is fuzzy or empty stays English."""
    found: dict[str, NullTranslations] = {DEFAULT: NullTranslations()}
    for place in sorted(folder.glob("*/LC_MESSAGES")):
        held = NullTranslations()
        for path in (place / f"{domain}.po" for domain in reversed(DOMAINS)):
            if path.exists():
                held = _read(path, held)
        found[place.parent.name] = held
    return found


def _read(path: Path, fallback: NullTranslations) -> GNUTranslations:
    with path.open("rb") as stream:
        catalogue = read_po(stream)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    translations = GNUTranslations(compiled)
    translations.add_fallback(fallback)
    return translations


def preferred(chosen: str, header: str, known: Iterable[str]) -> str:
    """What an officer chose; else the first language of an Accept-Language header that is known; else English."""
    languages = {name.lower(): name for name in known}
    if chosen.lower() in languages:
        return languages[chosen.lower()]
    wanted = list[tuple[float, str]]()
    for part in header[:200].split(","):
        name, _, rest = part.partition(";")
        weight = rest.strip().removeprefix("q=")
        is_number = weight.replace(".", "", 1).isdigit()
        wanted.append((float(weight) if is_number else 1.0, name.strip().split("-")[0].lower()))
    wanted.sort(key=lambda item: -item[0])
    return next((languages[name] for _, name in wanted if name in languages), DEFAULT)


def N_(words: str) -> str:  # noqa: N802  # the name that gettext and its tools know
    """Mark words for translation where they are written; they are translated where they are shown."""
    return words
