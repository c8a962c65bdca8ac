"""XML as publishers send it: streamed, without document types, entities, network or huge text nodes."""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from lxml import etree

from lintas.model.errors import FileError


def records(
    path: Path, root: str, tags: frozenset[str], groups: frozenset[str] = frozenset()
) -> Iterator[etree._Element]:
    """Elements of `path` with one of `tags` (local names), in document order; each is emptied after use.

    Raises FileError, naming line and column or element, when the file is not well-formed, has another root than
    `root`, carries a document type (and so could carry entities), or has anything but `tags` in its root or `groups`.
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
            elif event == "end":
                _refuse_stranger(element, groups | {root}, path)
    except etree.XMLSyntaxError as error:
        raise FileError(
            f"The file is not well-formed XML: {error.msg}",
            where=f"{path.name}, line {error.lineno}, column {error.offset}",
            do="It was cut or damaged on its way; fetch it from the publisher again. Nothing was changed.",
            code="not_well_formed",
        ) from error


def local_name(element: etree._Element) -> str:
    """The tag without its namespace; empty for a comment. Parsers let names through that are none (`:a`, `a:b:c`)."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def refusal(what: str, source: Path, line: object = None, code: str = "unknown_field") -> FileError:
    """The error for a file that is not as its parser knows it; without `line` for what is wrong with the whole."""
    return FileError(
        what,
        where=source.name if line is None else f"{source.name}, line {line}",
        do="The file is damaged or its publisher changed the format; nothing was loaded. Fetch it again, or report it.",
        code=code,
    )


class Seen:
    """The entries read so far by their number, to tell a repetition from a contradiction."""

    def __init__(self) -> None:
        self._entries: dict[str, tuple[str, object]] = {}  # number: digest of the element, line

    def is_new(self, number: str, element: etree._Element, source: Path) -> bool:
        """False for the identical twin of an earlier entry. Raises FileError for another, or none to compare."""
        line = element.sourceline
        try:
            content = sha256(etree.tostring(element, method="c14n", with_comments=False, with_tail=False)).hexdigest()
        except etree.C14NError as error:  # canonical XML, 1.3: relative names of namespaces are an error
            what = f"Entry {number!r} cannot be compared with others: a namespace in it has no absolute name"
            raise refusal(what, source, line, "bad_namespace") from error
        first = self._entries.get(number)
        if first is None:
            self._entries[number] = content, line
            return True
        if first[0] != content:
            what = f"{number!r} stands twice, with different content (lines {first[1]} and {line})"
            raise refusal(what, source, line, "duplicate_id")
        return False


def _refuse_stranger(element: etree._Element, groups: frozenset[str], path: Path) -> None:
    parent = element.getparent()
    if parent is not None and local_name(parent) in groups:
        what = f"<{local_name(element)}> is a part of the list that this parser does not know"
        raise refusal(what, path, element.sourceline)


def _require_root(element: etree._Element, root: str, path: Path) -> None:
    if element.getroottree().docinfo.internalDTD is not None:
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
