"""The built styles and scripts: their hashed names, from the manifest that Vite writes."""

import json
from dataclasses import dataclass
from pathlib import Path

from lintas.model.errors import UnavailableError

STATIC = Path(__file__).parent / "static"
ENTRY = "main.ts"


@dataclass(frozen=True)
class Bundle:
    """Addresses of what every page loads."""

    script: str
    styles: tuple[str, ...]


def read(folder: Path = STATIC) -> Bundle:
    """The bundle in `folder`. Raises UnavailableError when it was not built."""
    try:
        entry = json.loads((folder / ".vite" / "manifest.json").read_text(encoding="utf-8"))[ENTRY]
    except (OSError, ValueError, KeyError) as error:
        raise UnavailableError(
            "The styles and scripts of the pages are not built",
            where=str(folder),
            do="Run: make setup.",
            code="assets_not_built",
        ) from error
    return Bundle(f"/static/{entry['file']}", tuple(f"/static/{name}" for name in entry.get("css", ())))
