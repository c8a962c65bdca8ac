"""OFAC's list of Specially Designated Nationals, as legacy CSV files or as classic XML."""

from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path

from lintas.model.entity import Entity
from lintas.model.errors import FileError
from lintas.model.listing import ParseNotes
from lintas.sources.lists.us_ofac_sdn import classic, legacy
from lintas.sources.lists.us_ofac_sdn.build import Names, entities


def parse(files: Sequence[Path], notes: ParseNotes) -> Iterator[Entity]:
    """Entities of sdn.csv with alt.csv, add.csv and sdn_comments.csv (each optional), or of sdn.xml.

    Raises FileError when a file is foreign, cut or damaged, before any entity is drawn.
    """
    markup = [path for path in files if _is_markup(path)]
    if markup and len(files) > 1:
        raise FileError(
            "The XML holds the whole list and is read alone",
            where=", ".join(path.name for path in files),
            do="Give either sdn.xml, or sdn.csv with alt.csv and add.csv.",
            code="mixed_formats",
        )
    records = deque(classic.records(markup[0], notes) if markup else legacy.records(list(files), notes))
    names = Names(records)
    while records:  # each is let go once read: a list of this size makes every collection of garbage slow
        yield from entities(records.popleft(), names)


def _is_markup(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(512).removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<")
