"""XML as publishers send it: streamed, without document types, entities, network or huge text nodes."""

from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from lintas.model.errors import FileError


def records(path: Path, root: str, tags: frozenset[str]) -> Iterator[etree._Element]:
    """Elements of `path` with one of `tags` (local names), in document order; each is emptied after use.

    Raises FileError, naming line and column or element, when the file is not well-formed, has another
    root than `root`, or carries a document type (and so could carry entities).
    """
    is_first = True
    try:
        walk = etree.iterparse(
            str(path), events=("start", "end"), resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
        )
        for event, element in walk:
            if is_first:
                _require_root(element, root, path)
                is_first = False
            if event == "end" and local_name(element) in tags:
                yield element
                element.clear()
                parent = element.getparent()  # the root has none, though a comment may stand before it
                while parent is not None and element.getprevious() is not None:
                    del parent[0]
    except etree.XMLSyntaxError as error:
        raise FileError(
            f"The file is not well-formed XML: {error.msg}",
            where=f"{path.name}, line {error.lineno}, column {error.offset}",
            do="It was cut or damaged on its way; fetch it from the publisher again. Nothing was changed.",
            code="not_well_formed",
        ) from error


def local_name(element: etree._Element) -> str:
    """The tag without its namespace."""
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def text(element: etree._Element, path: str) -> str | None:
    """Stripped text of the first element at `path`; None when there is none or it is empty."""
    found = element.find(path)
    return None if found is None else ("".join(found.itertext()).strip() or None)


def texts(element: etree._Element, path: str) -> list[str]:
    """Stripped, non-empty texts of all elements at `path`."""
    return [value for found in element.findall(path) if (value := "".join(found.itertext()).strip())]


def require(element: etree._Element, path: str, source: Path) -> str:
    """Text that an entry cannot do without. Raises FileError naming the line and the element."""
    value = text(element, path)
    if value is None:
        raise FileError(
            f"<{local_name(element)}> has no <{path}>",
            where=f"{source.name}, line {element.sourceline}",
            do="The publisher's format changed or the file was cut; nothing was changed.",
            code="element_missing",
        )
    return value


def _require_root(element: etree._Element, root: str, path: Path) -> None:
    if element.getroottree().docinfo.doctype:
        raise FileError(
            "The file declares a document type, which no publisher of lists does",
            where=f"{path.name}, line 1",
            do="Fetch it from the publisher again; document types are refused because they can carry attacks.",
            code="document_type",
        )
    if local_name(element) != root:
        raise FileError(
            f"The file's root is <{local_name(element)}>, not <{root}>",
            where=f"{path.name}, line {element.sourceline}",
            do="This is another list; load it under its own name (lintas lists status).",
            code="foreign_file",
        )
