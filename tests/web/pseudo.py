"""A language that nobody speaks: what reaches gettext is bracketed and accented, so that all else shows."""

import re
from pathlib import Path

from babel.messages import Catalog, Message
from babel.messages.pofile import read_po, write_po

from lintas.web.words import LOCALE
from tests.web import ontology

LANGUAGE = "x-pseudo"
_PLAIN = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
LETTERS = "ÀƁÇÐÉƑĜĤÎĴĶĻṀÑÖÞǪŔŠŢÛṼŴẊÝŽàƀçðéƒĝĥîĵķļɱñöþǫŕšţûṽŵẋýž"
_ACCENTS = str.maketrans(_PLAIN, LETTERS)
_PLACEHOLDER = re.compile(r"(%\(\w+\)s|%%n|%%)")


def accented(words: str) -> str:
    """`Find “%(q)s”` as `[Ƒîñð “%(q)s”]`."""
    parts = _PLACEHOLDER.split(words)
    return "[" + "".join(part if i % 2 else part.translate(_ACCENTS) for i, part in enumerate(parts)) + "]"


def write(folder: Path) -> Path:
    """A folder of catalogues that holds this language alone."""
    place = folder / LANGUAGE / "LC_MESSAGES"
    place.mkdir(parents=True)
    with (LOCALE / "lintas.pot").open("rb") as stream:
        own = read_po(stream)
    for name, template in (("lintas", own), ("ontology", ontology.template())):
        catalogue = Catalog(fuzzy=False)
        for message in template:
            if message.id:
                catalogue.add(message.id, _translated(message), context=message.context)
        with (place / f"{name}.po").open("wb") as target:
            write_po(target, catalogue)
    return folder


def _translated(message: Message) -> str | tuple[str, ...]:
    if isinstance(message.id, str):
        return accented(message.id)
    return tuple(accented(words) for words in message.id)
