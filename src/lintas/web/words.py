"""The words of the pages in the officer's language, as far as a compiled catalogue is there."""

from collections.abc import Mapping
from gettext import GNUTranslations, NullTranslations
from pathlib import Path

LOCALE = Path(__file__).parent / "locale"
DEFAULT = "en"


def catalogues(folder: Path = LOCALE) -> Mapping[str, NullTranslations]:
    """Translations by language; English needs none."""
    found: dict[str, NullTranslations] = {DEFAULT: NullTranslations()}
    for path in sorted(folder.glob("*/LC_MESSAGES/lintas.mo")):
        with path.open("rb") as stream:
            found[path.parts[-3]] = GNUTranslations(stream)
    return found


def preferred(header: str, known: Mapping[str, object]) -> str:
    """The first language of an Accept-Language header that is known; English when none is."""
    wanted = list[tuple[float, str]]()
    for part in header[:200].split(","):
        name, _, rest = part.partition(";")
        weight = rest.strip().removeprefix("q=")
        is_number = weight.replace(".", "", 1).isdigit()
        wanted.append((float(weight) if is_number else 1.0, name.strip().split("-")[0].lower()))
    wanted.sort(key=lambda item: -item[0])
    return next((name for _, name in wanted if name in known), DEFAULT)


def N_(words: str) -> str:  # noqa: N802  # the name that gettext and its tools know
    """Mark words for translation where they are written; they are translated where they are shown."""
    return words
