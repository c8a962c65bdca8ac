"""Text, JSON and XML: whole, in UTF-8 or UTF-16, without characters that steer what shows it."""

import codecs
from io import BytesIO
from typing import IO

import orjson
from lxml import etree

from lintas.sources.files.held import HeldBackError
from lintas.sources.xml import local_name

_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_STEERING = frozenset(map(chr, [*range(9), 11, *range(14, 32), 127]))  # all of C0 but tab, ends of lines and pages
# What browsers run scripts in when they open it from a folder.
_RUN = ("{http://www.w3.org/1999/xhtml}", "{http://www.w3.org/2000/svg}")


def check_text(data: bytes) -> None:
    """Raises HeldBackError."""
    try:
        text = data.decode("utf-16" if data.startswith(_UTF_16) else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise HeldBackError("unknown_kind") from error
    if not _STEERING.isdisjoint(text):
        raise HeldBackError("unknown_kind")


def check_json(data: bytes) -> None:
    """Raises HeldBackError."""
    try:
        orjson.loads(data.removeprefix(codecs.BOM_UTF8))
    except orjson.JSONDecodeError as error:
        raise HeldBackError("damaged") from error


def check_xml(stream: IO[bytes]) -> None:
    """Read to its end. Raises HeldBackError."""
    try:
        walk = etree.iterparse(
            stream, events=("start", "end"), resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
        )
        for n, (event, element) in enumerate(walk):
            if n == 0:
                _check_root(element)
            if event == "end":
                element.clear()
                parent = element.getparent()
                while parent is not None and element.getprevious() is not None:
                    del parent[0]
    except etree.LxmlError as error:
        raise HeldBackError("damaged") from error


def check_xml_bytes(data: bytes) -> None:
    """The same of what is in memory."""
    check_xml(BytesIO(data))


def _check_root(root: etree._Element) -> None:
    if root.getroottree().docinfo.internalDTD is not None:
        raise HeldBackError("document_type")
    if root.tag.startswith(_RUN) or local_name(root).lower() in ("html", "svg"):
        raise HeldBackError("active")
