"""The publisher's classic XML, `sdnList` of sdn.xsd. It holds the whole list and dates itself."""

from collections.abc import Iterator
from pathlib import Path

from lintas.model.listing import ParseNotes
from lintas.sources.fields import Fields
from lintas.sources.lists.us_ofac_sdn.record import Address, Alias, Kind, Record, Ship
from lintas.sources.lists.us_ofac_sdn.remarks import read_fact, segments
from lintas.sources.xml import Seen, local_name, refusal
from lintas.sources.xml import records as elements

TYPES: dict[str, Kind] = {"Individual": "individual", "Entity": "entity", "Vessel": "vessel", "Aircraft": "aircraft"}
FORMER = "f.k.a."
ALIAS_TYPES = frozenset({"a.k.a.", FORMER, "n.k.a."})
CATEGORIES = frozenset({"strong", "weak"})

_ROOT = "sdnList"
_PARTS = frozenset({"publshInformation", "sdnEntry"})
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


def records(path: Path, notes: ParseNotes) -> list[Record]:
    """All entries of the file. Sets `notes.published_at`.

    Raises FileError for another root, an element that sdn.xsd does not know, a number that stands twice
    with different content, and a count of entries other than the one that the file gives.
    """
    return list(_Reader(path, notes).records())


class _Reader:
    """Reads one file."""

    def __init__(self, path: Path, notes: ParseNotes) -> None:
        self.path, self.notes = path, notes
        self.declared: int | None = None
        self.seen = Seen()

    def records(self) -> Iterator[Record]:
        n_read = 0
        for element in elements(self.path, _ROOT, _PARTS):
            fields = Fields(element, self.path)
            if local_name(element) == "publshInformation":
                self.header(fields)
                continue
            n_read += 1
            if self.seen.is_new(uid := fields.required("uid"), element, self.path):
                yield self.entry(fields, uid)
        if not n_read:
            raise refusal("The list has no entries", self.path, code="empty")
        if self.declared not in (None, n_read):
            what = f"The file says it has {self.declared} entries, and has {n_read}"
            raise refusal(what, self.path, code="truncated")

    def header(self, fields: Fields) -> None:
        published = fields.one("Publish_Date") or ""
        month, _, rest = published.partition("/")  # 05/03/2024: month first
        day, _, year = rest.partition("/")
        if year:
            self.notes.published_at = f"{year}-{month:0>2}-{day:0>2}"
        count = fields.one("Record_Count") or ""
        self.declared = int(count) if count.isdigit() else None
        fields.close()

    def entry(self, fields: Fields, uid: str) -> Record:
        kind, surname = fields.required("sdnType"), fields.required("lastName")
        if kind not in TYPES:
            raise fields.refusal(f"{kind!r} is no type of entry", "unknown_type")
        name = _full_name(surname, fields.one("firstName"))
        programs = tuple(fields.texts("programList", "program"))
        record = Record(uid, name, TYPES[kind], programs, fields.one("title"))
        _read_remarks(record, fields.one("remarks"))
        _read_lists(record, fields)
        for ship in fields.children("vesselInfo"):
            record.ship = Ship(**{part: ship.one(tag) for tag, part in _SHIP.items()})
        fields.close()
        self.notes.counts[record.kind] += 1
        return record


def _read_remarks(record: Record, remarks: str | None) -> None:
    if remarks is None:
        return
    record.notes.append(remarks)
    is_bracketed = remarks.startswith("(") and remarks.endswith(")")
    record.statements = segments(remarks[1:-1] if is_bracketed else remarks)


def _read_lists(record: Record, fields: Fields) -> None:
    for tag, (item, value, label) in _DATED.items():
        for dated in _parts(fields, tag, item):
            prefix = "alt. " if dated.one("mainEntry") == "false" else ""
            _add_statement(record, f"{prefix}{label} {dated.one(value) or ''}")
    for document in _parts(fields, "idList", "id"):
        _add_statement(record, _id_text(document))
    for alias in _parts(fields, "akaList", "aka"):
        _read_alias(record, alias)
    for address in _parts(fields, "addressList", "address"):
        record.addresses.append(_address(address))


def _parts(fields: Fields, tag: str, item: str) -> Iterator[Fields]:
    for part in fields.children(tag, item):
        part.one("uid")  # not kept: it numbers the part within the publisher's database
        yield part


def _add_statement(record: Record, text: str) -> None:
    """The same statement as in a remark of the legacy format; one of an unknown label goes to the notes."""
    if read_fact(text) is None:
        record.notes.append(text)
    else:
        record.statements.append(text)


def _read_alias(record: Record, fields: Fields) -> None:
    kind, category = fields.one("type"), fields.one("category")
    if kind not in ALIAS_TYPES or category not in CATEGORIES:
        raise fields.refusal(f"{kind!r}, {category!r} is no type of alias (entry {record.uid})", "unknown_type")
    name = _full_name(fields.one("lastName") or "", fields.one("firstName"))
    if category == "weak":
        _add_statement(record, f"{kind} '{name}'")
    else:
        record.aliases.append(Alias(name, is_former=kind == FORMER))


def _full_name(surname: str, given: str | None) -> str:
    return f"{surname}, {given}" if given else surname


def _id_text(fields: Fields) -> str:
    """One document as a remark of the legacy format writes it, so that both are read by the same rules."""
    text = " ".join(filter(None, (fields.one("idType"), fields.one("idNumber"))))
    if country := fields.one("idCountry"):
        text += f" ({country})"
    if issued := fields.one("issueDate"):
        text += f" issued {issued}"
    if expires := fields.one("expirationDate"):
        text += f" expires {expires}"
    return text


def _address(fields: Fields) -> Address:
    """As the legacy format joins it: street, "city, state postal code", country."""
    street = [fields.one(tag) for tag in ("address1", "address2", "address3")]
    city = ", ".join(filter(None, (fields.one("city"), fields.one("stateOrProvince"))))
    city = " ".join(filter(None, (city, fields.one("postalCode"))))
    country, region = fields.one("country"), fields.one("region")
    return Address(", ".join(filter(None, (*street, city, region, country))), country)
