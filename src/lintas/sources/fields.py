"""What stands in one XML element, taken piece by piece; what nobody takes is refused, never dropped."""

from collections.abc import Callable, Iterator
from pathlib import Path

from lxml import etree

from lintas.model.errors import FileError
from lintas.sources.xml import local_name, refusal


class Fields:
    """Attributes (`@name`), children (`name`) and text of an element, popped as they are read.

    `close` raises FileError for what is left, except for the names `ignored`, which say nothing of the one listed
    at any depth. `clean` gives what a published text says; an empty text says nothing.
    """

    def __init__(
        self,
        element: etree._Element,
        source: Path,
        *,
        ignored: frozenset[str] = frozenset(),
        clean: Callable[[str], str] = str.strip,
    ) -> None:
        self.tag, self.line, self.source = local_name(element), element.sourceline, source
        self._ignored, self._clean = ignored, clean
        self._attributes = {f"@{name!s}": str(value) for name, value in element.attrib.items()}
        self._text = (element.text or "") + "".join(child.tail or "" for child in element)
        self._children: dict[str, list[etree._Element]] = {}
        for child in element.iterchildren(etree.Element):  # comments and processing instructions state nothing
            self._children.setdefault(local_name(child), []).append(child)

    def texts(self, *path: str) -> list[str]:
        """What the children `path` (`"Titles", "Title"`) or the attribute `"@name"` say, in the published order."""
        if path[0].startswith("@"):
            published = [self._attributes.pop(path[0], "")]
        else:
            published = [child._pop_text() for child in self.children(*path)]
        return [text for each in published if (text := self._clean(each))]

    def text(self, *path: str) -> str | None:
        """What `texts` gives as one text; several are joined, so that none is lost."""
        return "; ".join(self.texts(*path)) or None

    def one(self, name: str) -> str | None:
        """What stands at most once. Raises FileError for several."""
        found = self.texts(name)
        if len(found) > 1:
            raise self.refusal(f"<{self.tag}> has more than one {name}")
        return found[0] if found else None

    def required(self, name: str) -> str:
        """What stands exactly once. Raises FileError for none or several."""
        found = self.one(name)
        if found is None:
            raise self.refusal(f"<{self.tag}> has no {name}", "element_missing")
        return found

    def flag(self, name: str) -> bool | None:
        """A text that says `true` or `false`; None when there is none. Raises FileError for any other."""
        said = (self.text(name) or "").lower()
        if said not in ("true", "false", ""):
            raise self.refusal(f"{name} in <{self.tag}> is neither true nor false")
        return said == "true" if said else None

    def children(self, tag: str, *path: str) -> Iterator["Fields"]:
        """Each child, or each of its children at `path`, as fields that are closed when the caller goes on."""
        for child in self._children.pop(tag, []):
            fields = Fields(child, self.source, ignored=self._ignored, clean=self._clean)
            if path:
                yield from fields.children(*path)
            else:
                yield fields
            fields.close()

    def left(self) -> tuple[str, ...]:
        """Tags of the children that nobody took yet."""
        return tuple(self._children)

    def close(self) -> None:
        """Raises FileError for the first attribute, text or child that nobody took."""
        for name in self._attributes:
            if name not in self._ignored:
                raise self.refusal(f"{name} in <{self.tag}> is an attribute that this parser does not know")
        if self._text.strip():
            raise self.refusal(f"<{self.tag}> has text of its own")
        for tag, children in self._children.items():
            if tag not in self._ignored:
                what = f"<{tag}> in <{self.tag}> is an element that this parser does not know"
                raise refusal(what, self.source, children[0].sourceline)

    def refusal(self, what: str, code: str = "unknown_field") -> FileError:
        """The error for something in this element."""
        return refusal(what, self.source, self.line, code)

    def _pop_text(self) -> str:
        text, self._text = self._text, ""
        return text
