"""The children of one XML element, taken one by one; what nobody takes is refused, never dropped."""

from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from lintas.model.errors import FileError
from lintas.sources.xml import local_name


def unknown_field(element: etree._Element, source: Path, what: str | None = None) -> FileError:
    """The error for something in the file that this parser has never met."""
    return FileError(
        what or f"<{local_name(element)}> is an element that this parser does not know",
        where=f"{source.name}, line {element.sourceline}",
        do="The publisher's format changed; nothing was loaded. Update Lintas, or report this to its makers.",
        code="unknown_field",
    )


class Fields:
    """Children of `element` by tag, popped as they are read. `close` raises FileError for those left over."""

    def __init__(self, element: etree._Element, source: Path) -> None:
        self.element = element
        self.source = source
        self._left: dict[str, list[etree._Element]] = {}
        if element.attrib or (element.text or "").strip():
            raise unknown_field(element, source, f"<{local_name(element)}> has attributes or text of its own")
        for child in element:
            if isinstance(child.tag, str):  # comments and processing instructions state nothing
                self._left.setdefault(local_name(child), []).append(child)
            if (child.tail or "").strip():
                raise unknown_field(element, source, f"<{local_name(element)}> has text between its elements")

    def texts(self, tag: str) -> list[str]:
        """Non-empty texts of all children named `tag`."""
        return [text for child in self._left.pop(tag, []) if (text := self._leaf(child))]

    def text(self, tag: str) -> str | None:
        """Text of the child named `tag`; several are joined, so that none is lost."""
        return "; ".join(self.texts(tag)) or None

    def groups(self, tag: str) -> Iterator["Fields"]:
        """The children named `tag`, each as its own fields. The caller closes them."""
        for child in self._left.pop(tag, []):
            yield Fields(child, self.source)

    def values(self, tag: str) -> list[str]:
        """Texts of `<tag><VALUE>`, the way this publisher writes repeated fields."""
        found: list[str] = []
        for group in self.groups(tag):
            found += group.texts("VALUE")
            group.close()
        return found

    def close(self, ignored: frozenset[str] = frozenset()) -> None:
        """Raises FileError for the first child that was not taken and is not `ignored`."""
        for tag, children in self._left.items():
            if tag not in ignored:
                raise unknown_field(children[0], self.source)

    def _leaf(self, child: etree._Element) -> str:
        if len(child) or child.attrib:
            raise unknown_field(child, self.source, f"<{local_name(child)}> has elements or attributes of its own")
        return " ".join((child.text or "").split())  # line breaks inside a text are the software's, not the author's
