"""Attributes and children of one element, taken one by one; what nobody takes is refused, never dropped."""

from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from lintas.model.errors import FileError
from lintas.sources.xml import local_name

# `logicalId` of a part numbers it within the publisher's database and `regulationLanguage` says in which
# language the act was read: neither says anything of the one listed.
IGNORED_ATTRIBUTES = frozenset({"logicalId", "regulationLanguage"})
# `regulationSummary` names the act that stated this one part; the entry's own `regulation` is kept.
IGNORED_CHILDREN = frozenset({"regulationSummary"})
EMPTY = frozenset({"", "-"})  # the publisher writes a dash where there is no city


class Fields:
    """The attributes and children of an element, popped as they are read. `close` refuses those left over."""

    def __init__(self, element: etree._Element, source: Path) -> None:
        self.element, self.source = element, source
        self._attributes = {str(name): str(value) for name, value in element.attrib.items()}
        self._children: dict[str, list[etree._Element]] = {}
        for child in element.iterchildren(etree.Element):
            self._children.setdefault(local_name(child), []).append(child)

    def get(self, *names: str) -> str | None:
        """The first of the attributes `names` that says something. All of them count as read."""
        values = [self._attributes.pop(name, "").strip() for name in names]
        return next((value for value in values if value not in EMPTY), None)

    def required(self, name: str) -> str:
        """An attribute that the element cannot do without. Raises FileError naming line and element."""
        value = self.get(name)
        if value is None:
            raise self.error(f"<{local_name(self.element)}> has no {name}", self.element, "element_missing")
        return value

    def flag(self, name: str, default: bool = False) -> bool:
        """An attribute that says `true` or `false`."""
        said = (self.get(name) or str(default)).lower()
        if said not in ("true", "false"):
            raise self.error(f"{name}={said!r} is neither true nor false", self.element, "unknown_field")
        return said == "true"

    def texts(self, tag: str) -> list[str]:
        """Non-empty texts of all children named `tag`."""
        return [text for child in self._children.pop(tag, []) if (text := self._leaf(child))]

    def children(self, tag: str) -> Iterator["Fields"]:
        """Each child named `tag`, as fields of its own that are closed when the caller goes on."""
        for child in self._children.pop(tag, []):
            fields = Fields(child, self.source)
            yield fields
            fields.close()

    def close(self) -> None:
        """Raises FileError for the first attribute or child that was not taken."""
        if unknown := sorted(self._attributes.keys() - IGNORED_ATTRIBUTES):
            what = f"<{local_name(self.element)}> has the unknown attribute {unknown[0]!r}"
            raise self.error(what, self.element, "unknown_field")
        for tag, children in self._children.items():
            if tag not in IGNORED_CHILDREN:
                raise self.error(f"<{tag}> is an element that this parser does not know", children[0], "unknown_field")
        if (self.element.text or "").strip():
            raise self.error(f"<{local_name(self.element)}> has text of its own", self.element, "unknown_field")

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
