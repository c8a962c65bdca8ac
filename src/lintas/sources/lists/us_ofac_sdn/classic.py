"""The publisher's classic XML, `sdnList` of sdn.xsd. It holds the whole list and dates itself."""

from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from lintas.model.errors import FileError
from lintas.model.listing import ParseNotes
from lintas.sources.lists.us_ofac_sdn.record import Address, Alias, Kind, Record, Ship
from lintas.sources.lists.us_ofac_sdn.remarks import read_fact, segments
from lintas.sources.xml import local_name
from lintas.sources.xml import records as elements

TYPES: dict[str, Kind] = {"Individual": "individual", "Entity": "entity", "Vessel": "vessel", "Aircraft": "aircraft"}
FORMER = "f.k.a."
ALIAS_TYPES = frozenset({"a.k.a.", FORMER, "n.k.a."})
CATEGORIES = frozenset({"strong", "weak"})

_ROOT = "sdnList"
_PARTS = frozenset({"publshInformation", "sdnEntry"})
_HEADER = frozenset({"Publish_Date", "Record_Count"})
_ENTRY = frozenset(
    "uid firstName lastName title sdnType remarks programList idList akaList addressList nationalityList "
    "citizenshipList dateOfBirthList placeOfBirthList vesselInfo".split()
)
_ID = frozenset({"uid", "idType", "idNumber", "idCountry", "issueDate", "expirationDate"})
_AKA = frozenset({"uid", "type", "category", "lastName", "firstName"})
_ADDRESS = frozenset(
    {"uid", "address1", "address2", "address3", "city", "stateOrProvince", "postalCode", "country", "region"}
)
_SHIP = {
    "callSign": "call_sign",
    "vesselType": "type",
    "tonnage": "tonnage",
    "grossRegisteredTonnage": "gross_tonnage",
    "vesselFlag": "flag",
    "vesselOwner": "owner",
}
# list of the entry -> (its items, the value in an item, the label that the legacy format gives it)
_DATED = {
    "nationalityList": ("nationality", "country", "nationality"),
    "citizenshipList": ("citizenship", "country", "citizen"),
    "dateOfBirthList": ("dateOfBirthItem", "dateOfBirth", "DOB"),
    "placeOfBirthList": ("placeOfBirthItem", "placeOfBirth", "POB"),
}

Fields = dict[str, str]


def records(path: Path, notes: ParseNotes) -> list[Record]:
    """All entries of the file. Sets `notes.published_at`.

    Raises FileError for another root, an element that sdn.xsd does not know, a number that stands twice
    with different content, and a count of entries other than the one that the file gives.
    """
    return list(_Reader(path, notes).records())


class _Reader:
    """Reads one file; knows its name for the errors."""

    def __init__(self, path: Path, notes: ParseNotes) -> None:
        self.path, self.notes = path, notes
        self.declared: int | None = None
        self.seen: dict[str, tuple[bytes, int]] = {}

    def records(self) -> Iterator[Record]:
        n_read = 0
        for element in elements(self.path, _ROOT, _PARTS | {_ROOT}):
            self.refuse_strangers(element)
            if local_name(element) == "sdnEntry":
                n_read += 1
                if (record := self.entry(element)) is not None:
                    yield record
            elif local_name(element) == "publshInformation":
                self.header(self.fields(element, _HEADER))
        if not n_read:
            raise self.error("The list has no entries", None, "empty")
        if self.declared not in (None, n_read):
            raise self.error(f"The file says it has {self.declared} entries, and has {n_read}", None, "truncated")

    def refuse_strangers(self, element: etree._Element) -> None:
        """Refuse what stands in the list and is no part of it; parts that were read are gone by then."""
        is_root = local_name(element) == _ROOT
        for other in element if is_root else element.itersiblings(preceding=True):
            if isinstance(other.tag, str) and local_name(other) not in _PARTS:
                raise self.unknown(other, element)

    def header(self, fields: Fields) -> None:
        published = fields.get("Publish_Date", "")
        month, _, rest = published.partition("/")  # 05/03/2024: month first
        day, _, year = rest.partition("/")
        if year:
            self.notes.published_at = f"{year}-{month:0>2}-{day:0>2}"
        count = fields.get("Record_Count", "")
        self.declared = int(count) if count.isdigit() else None

    def entry(self, element: etree._Element) -> Record | None:
        """The entry as a record; None for the identical twin of one that was read already."""
        parts = self.children(element, _ENTRY)
        uid, kind, surname = (self.required(parts, tag, element) for tag in ("uid", "sdnType", "lastName"))
        if kind not in TYPES:
            raise self.error(f"{kind!r} is no type of entry", element, "unknown_type")
        if not self.is_new(uid, element):
            return None
        name = _full_name(surname, _text(parts.get("firstName")))
        programs = tuple(self.items(parts, "programList", "program"))
        record = Record(uid, name, TYPES[kind], programs, _text(parts.get("title")))
        self.read_remarks(record, _text(parts.get("remarks")))
        self.read_lists(record, parts)
        if "vesselInfo" in parts:
            ship = self.fields(parts["vesselInfo"], frozenset(_SHIP))
            record.ship = Ship(**{_SHIP[tag]: value for tag, value in ship.items()})
        self.notes.counts[record.kind] += 1
        return record

    def read_remarks(self, record: Record, remarks: str | None) -> None:
        if remarks is None:
            return
        record.notes.append(remarks)
        is_bracketed = remarks.startswith("(") and remarks.endswith(")")
        record.statements = segments(remarks[1:-1] if is_bracketed else remarks)

    def read_lists(self, record: Record, parts: dict[str, etree._Element]) -> None:
        for tag, (item, value, label) in _DATED.items():
            for fields in self.rows(parts, tag, item, frozenset({"uid", value, "mainEntry"})):
                prefix = "alt. " if fields.get("mainEntry") == "false" else ""
                self.add_statement(record, f"{prefix}{label} {fields.get(value, '')}")
        for fields in self.rows(parts, "idList", "id", _ID):
            self.add_statement(record, _id_text(fields))
        for fields in self.rows(parts, "akaList", "aka", _AKA):
            self.read_alias(record, fields)
        for fields in self.rows(parts, "addressList", "address", _ADDRESS):
            record.addresses.append(_address(fields))

    def add_statement(self, record: Record, text: str) -> None:
        """The same statement as in a remark of the legacy format; one of an unknown label goes to the notes."""
        if read_fact(text) is None:
            record.notes.append(text)
        else:
            record.statements.append(text)

    def read_alias(self, record: Record, fields: Fields) -> None:
        kind, category = fields.get("type", ""), fields.get("category", "")
        if kind not in ALIAS_TYPES or category not in CATEGORIES:
            raise self.error(f"{kind!r}, {category!r} is no type of alias (entry {record.uid})", None, "unknown_type")
        name = _full_name(fields.get("lastName", ""), fields.get("firstName"))
        if category == "weak":
            self.add_statement(record, f"{kind} '{name}'")
        else:
            record.aliases.append(Alias(name, is_former=kind == FORMER))

    def rows(self, parts: dict[str, etree._Element], tag: str, item: str, known: frozenset[str]) -> Iterator[Fields]:
        """The fields of each `item` of the list `tag`, when the entry has that list."""
        if tag in parts:
            for child in self.each(parts[tag], item):
                yield self.fields(child, known)

    def items(self, parts: dict[str, etree._Element], tag: str, item: str) -> Iterator[str]:
        if tag in parts:
            yield from (text for child in self.each(parts[tag], item) if (text := _text(child)))

    def each(self, element: etree._Element, item: str) -> Iterator[etree._Element]:
        for child in element.iterchildren(etree.Element):
            if local_name(child) != item:
                raise self.unknown(child, element)
            yield child

    def children(self, element: etree._Element, known: frozenset[str]) -> dict[str, etree._Element]:
        """The children by name. Raises FileError for one that is not `known` or stands twice."""
        found: dict[str, etree._Element] = {}
        for child in element.iterchildren(etree.Element):
            name = local_name(child)
            if name not in known or name in found or child.attrib:
                raise self.unknown(child, element)
            found[name] = child
        return found

    def fields(self, element: etree._Element, known: frozenset[str]) -> Fields:
        """The texts of children that have no children themselves; empty ones are left out."""
        found = self.children(element, known)
        for child in found.values():
            if len(child):  # a comment may, an element may not
                self.children(child, frozenset())
        return {name: text for name, child in found.items() if (text := _text(child)) is not None}

    def required(self, parts: dict[str, etree._Element], tag: str, element: etree._Element) -> str:
        text = _text(parts.get(tag))
        if text is None:
            raise self.error(f"<{local_name(element)}> has no <{tag}>", element, "element_missing")
        return text

    def is_new(self, uid: str, element: etree._Element) -> bool:
        content = etree.tostring(element, method="c14n", with_comments=False)
        line = element.sourceline if isinstance(element.sourceline, int) else 0
        if uid not in self.seen:
            self.seen[uid] = content, line
            return True
        if self.seen[uid][0] != content:
            lines = f"lines {self.seen[uid][1]} and {line}"
            raise self.error(f"Number {uid} stands twice, with different content ({lines})", element, "duplicate_id")
        return False

    def unknown(self, child: etree._Element, parent: etree._Element) -> FileError:
        return self.error(
            f"<{local_name(child)}> within <{local_name(parent)}> is not in sdn.xsd, is there twice or has attributes",
            child,
            "unknown_field",
        )

    def error(self, what: str, element: etree._Element | None, code: str) -> FileError:
        place = f", line {element.sourceline}" if element is not None else ""
        return FileError(
            what,
            where=f"{self.path.name}{place}",
            do="The publisher's format changed, or the file was damaged; nothing was changed.",
            code=code,
        )


def _text(element: etree._Element | None) -> str | None:
    return None if element is None else ("".join(map(str, element.itertext())).strip() or None)


def _full_name(surname: str, given: str | None) -> str:
    return f"{surname}, {given}" if given else surname


def _id_text(fields: Fields) -> str:
    """One document as a remark of the legacy format writes it, so that both are read by the same rules."""
    text = f"{fields.get('idType', '')} {fields.get('idNumber', '')}".strip()
    if country := fields.get("idCountry"):
        text += f" ({country})"
    if issued := fields.get("issueDate"):
        text += f" issued {issued}"
    if expires := fields.get("expirationDate"):
        text += f" expires {expires}"
    return text


def _address(fields: Fields) -> Address:
    """As the legacy format joins it: street, "city, state postal code", country."""
    street = ", ".join(fields[tag] for tag in ("address1", "address2", "address3") if tag in fields)
    city = ", ".join(fields[tag] for tag in ("city", "stateOrProvince") if tag in fields)
    city = " ".join(filter(None, (city, fields.get("postalCode"))))
    country, region = fields.get("country"), fields.get("region")
    return Address(", ".join(filter(None, (street, city, region, country))), country)
