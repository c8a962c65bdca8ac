"""The children of one element, taken one by one; what nobody takes is refused, never dropped."""

from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from lintas.model.errors import FileError
from lintas.sources.xml import local_name


class Fields:
    """Children of an element by tag, popped as they are read. `close` raises FileError for those left over."""

    def __init__(self, element: etree._Element, source: Path) -> None:
        self.element, self.source = element, source
        self._left: dict[str, list[etree._Element]] = {}
        if element.attrib or (element.text or "").strip():
            raise self.error(f"<{local_name(element)}> has attributes or text of its own", element, "unknown_field")
        for child in element.iterchildren(etree.Element):
            self._left.setdefault(local_name(child), []).append(child)

    def texts(self, tag: str) -> list[str]:
        """Non-empty texts of all children named `tag`, without white space around them."""
        return [text for child in self._left.pop(tag, []) if (text := self._leaf(child))]

    def text(self, tag: str) -> str | None:
        """Text of the child named `tag`; several are joined, so that none is lost."""
        return "; ".join(self.texts(tag)) or None

    def required(self, tag: str) -> str:
        """Text that the element cannot do without. Raises FileError naming line and element."""
        value = self.text(tag)
        if value is None:
            raise self.error(f"<{local_name(self.element)}> has no <{tag}>", self.element, "element_missing")
        return value

    def groups(self, tag: str, item: str) -> Iterator["Fields"]:
        """Each `<tag><item>`, as fields of its own that are closed when the caller goes on."""
        for group in self._left.pop(tag, []):
            outer = Fields(group, self.source)
            for child in outer._left.pop(item, []):
                inner = Fields(child, self.source)
                yield inner
                inner.close()
            outer.close()

    def values(self, tag: str, item: str) -> list[str]:
        """Texts of `<tag><item>`, the way this publisher writes repeated fields."""
        found: list[str] = []
        for group in self._left.pop(tag, []):
            fields = Fields(group, self.source)
            found += fields.texts(item)
            fields.close()
        return found

    def flags(self, tag: str) -> list[str]:
        """Names of the children of `tag` that say `true`. Raises FileError for one that is neither true nor false."""
        found: list[str] = []
        for group in self._left.pop(tag, []):
            for child in group.iterchildren(etree.Element):
                said = self._leaf(child).lower()
                if said not in ("true", "false", ""):
                    raise self.error(f"<{local_name(child)}> is neither true nor false", child, "unknown_field")
                found += [local_name(child)] if said == "true" else []
        return found

    def close(self) -> None:
        """Raises FileError for the first child that was not taken."""
        for tag, children in self._left.items():
            raise self.error(f"<{tag}> is an element that this parser does not know", children[0], "unknown_field")

    def error(self, what: str, element: etree._Element, code: str) -> FileError:
        """The refusal of the file because of something at `element`."""
        return FileError(
            what,
            where=f"{self.source.name}, line {element.sourceline}",
            do="The publisher's format changed, or the file was damaged; nothing was changed.",
            code=code,
        )

    def _leaf(self, child: etree._Element) -> str:
        if len(child) or child.attrib:
            what = f"<{local_name(child)}> has elements or attributes of its own"
            raise self.error(what, child, "unknown_field")
        return (child.text or "").strip()
