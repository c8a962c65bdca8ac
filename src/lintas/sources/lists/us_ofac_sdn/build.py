"""From a record of the list to entities: the one listed, its sanction, its wallets and the links it states."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache

from lintas.model.dates import parse_date
from lintas.model.entity import Draft, Entity, clean_value, schema_of
from lintas.sources.lists.us_ofac_sdn import labels
from lintas.sources.lists.us_ofac_sdn.record import Alias, Fact, Record, Ship, natural_order
from lintas.sources.lists.us_ofac_sdn.remarks import facts

LIST = "us_ofac_sdn"
AUTHORITY = "Office of Foreign Assets Control"
SCHEMATA = {"individual": "Person", "entity": "LegalEntity", "vessel": "Vessel", "aircraft": "Airplane"}

_DOCUMENT = re.compile(r"^(?P<number>.+?)(?: \((?P<country>[^()\d]+)\))?(?: (?:issued|expires|expired) .*)?$")
_RANGE = re.compile(r"^(?:circa )?(.+?)(?: to |-)((?:\d\d )?(?:[A-Z][a-z]{2} )?\d{4})$")
_WALLET = re.compile(r"^(?P<currency>[A-Za-z0-9]+) (?P<address>\S+)$")
_QUOTED = re.compile(r"^'(.+)'$")
_DIGITS = re.compile(r"\d+")


class Names:
    """Which entry a name means: the one that bears it, else the one that has it as an alias."""

    def __init__(self, records: Iterable[Record]) -> None:
        self._main: defaultdict[str, set[str]] = defaultdict(set)
        self._alias: defaultdict[str, set[str]] = defaultdict(set)
        for record in records:
            self._main[_key(record.name)].add(record.uid)
            for alias in record.aliases:
                self._alias[_key(alias.name)].add(record.uid)

    def uid(self, name: str) -> str | None:
        """The number of the one entry that `name` names; None when there is none, or more than one."""
        for names in (self._main, self._alias):
            if bearers := names.get(_key(name)):
                return next(iter(bearers)) if len(bearers) == 1 else None
        return None


def entity_id(uid: str) -> str:
    """The id of the entry with the publisher's number `uid`."""
    return f"{LIST}-{uid}"


def entities(record: Record, names: Names) -> Iterator[Entity]:
    """What one entry says: itself, then its sanction, wallets and links, in the publisher's order."""
    draft = Draft(SCHEMATA[record.kind], entity_id(record.uid))
    sanction = _sanction(record)
    wallets: dict[str, Draft] = {}
    roles: defaultdict[str, list[Fact]] = defaultdict(list)
    _add_names(draft, record)
    draft.add("topics", "sanction")
    _add_title(draft, record.title)
    _add_ship(draft, record.ship)
    for fact in facts(record.statements):
        if fact.label in labels.WALLETS:
            _add_wallet(wallets, record, fact)
        elif fact.label in labels.LINKS:
            _collect_link(roles, record, names, fact)
        elif not _add_to_sanction(sanction, fact):
            _add_fact(draft, fact)
    if record.ship is not None and record.ship.owner is not None:
        _collect_link(roles, record, names, Fact("Vessel owner", record.ship.owner, record.ship.owner))
    _add_addresses(draft, record)
    draft.add("notes", record.notes)
    yield draft.build()
    yield sanction.build()
    yield from (wallet.build() for wallet in wallets.values())
    yield from (_link(record.uid, target, stated) for target, stated in roles.items())


def _key(name: str) -> str:
    # The final full stop of a remark and that of "S.A." are one and the same, so neither side keeps it.
    return " ".join(name.casefold().split()).removesuffix(".")


def _add_names(draft: Draft, record: Record) -> None:
    _add_name(draft, "name", record.name)
    if draft.schema == "Person":
        _, surname, given, suffix = natural_order(record.name)
        draft.add("lastName", surname, original=record.name)
        draft.add("firstName", given, original=record.name)
        draft.add("nameSuffix", suffix, original=record.name)
    for alias in record.aliases:
        _add_name(draft, _alias_property(alias), alias.name)


def _alias_property(alias: Alias) -> str:
    return "previousName" if alias.is_former else "alias"


def _add_name(draft: Draft, prop: str, name: str, original: str | None = None) -> None:
    shown = natural_order(name)[0] if draft.schema == "Person" else name
    draft.add(prop if prop in _properties(draft.schema) else "alias", shown, original=original or name)


def _add_title(draft: Draft, title: str | None) -> None:
    for part in (title or "").split(";"):
        is_honorific = part.strip().casefold() in labels.HONORIFICS
        if draft.schema == "Person":
            draft.add("title" if is_honorific else "position", part, original=title)
        else:
            draft.add("notes", f"Title: {part.strip()}" if part.strip() else None, original=title)


def _add_ship(draft: Draft, ship: Ship | None) -> None:
    if ship is None:
        return
    if draft.schema != "Vessel":
        published = (ship.call_sign, ship.type, ship.tonnage, ship.gross_tonnage, ship.flag, ship.owner)
        draft.add("notes", [f"Vessel field: {value}" for value in published if value])
        return
    draft.add("callSign", ship.call_sign)
    draft.add("type", ship.type)
    draft.add("flag", ship.flag)
    _add_number(draft, "tonnage", ship.tonnage)
    _add_number(draft, "grossRegisteredTonnage", ship.gross_tonnage)
    # Vessel.owner wants an entity; the name of one that the list does not hold has no other place.
    draft.add("notes", f"Vessel owner: {ship.owner}" if ship.owner else None, original=ship.owner)


def _add_number(draft: Draft, prop: str, number: str | None) -> None:
    draft.add(prop, number.replace(",", "") if number else None, original=number)  # 318,000


def _sanction(record: Record) -> Draft:
    sanction = Draft("Sanction", f"{entity_id(record.uid)}-sanction")
    sanction.add("entity", entity_id(record.uid))
    sanction.add("authority", AUTHORITY)
    sanction.add("authorityId", record.uid)
    sanction.add("program", record.programs)
    return sanction


def _add_to_sanction(sanction: Draft, fact: Fact) -> bool:
    """Whether the fact is one of the measure, not of its target; if so it is added to `sanction`."""
    if fact.label in labels.PROVISIONS:
        sanction.add("provisions", fact.text.removeprefix("alt. "), original=fact.text)
    elif fact.label in labels.MEASURE_DATES:
        sanction.add(labels.MEASURE_DATES[fact.label], fact.value.rpartition(": ")[2], original=fact.text)
    else:
        return False
    return True


def _add_fact(draft: Draft, fact: Fact) -> None:
    if fact.label in labels.DOCUMENTS:
        _add_document(draft, fact)
    elif fact.label in labels.PLAIN:
        _add_first(draft, labels.PLAIN[fact.label], fact.value, fact.text)
    elif fact.label in labels.DATES:
        _add_if_had(draft, labels.DATES[fact.label], dates(fact.value), fact.text)
    elif fact.label in labels.WEAK_NAMES:
        if quoted := _QUOTED.match(fact.value):
            _add_name(draft, "weakAlias", quoted[1], original=fact.text)
    elif fact.label in labels.BORN_AT:
        _add_birth_place(draft, fact)
    elif fact.label in labels.PHONES:
        _add_if_had(draft, "phone", [international(fact.value)], fact.text)


def _add_document(draft: Draft, fact: Fact) -> None:
    """A number with the state that issued it. Dates of issue and expiry stay visible in `original`.

    Words without a digit are no number: "Passport and identity card say otherwise" is free text.
    """
    found = _DOCUMENT.match(fact.value)
    if found is None or not _DIGITS.search(found["number"]):
        return
    number, country = found["number"], found["country"]
    _add_first(draft, labels.DOCUMENTS[fact.label], number, fact.text)
    if country is not None and _is_country(country):  # "(Cali)" is the seat of a register
        draft.add("country", country, original=fact.text)
    if country == "Russia":
        _add_russian(draft, number, fact.text)


def _add_russian(draft: Draft, number: str, text: str) -> None:
    # The publisher writes INN and OGRN under general labels; their check digits tell them from other numbers.
    for prop in ("innCode", "ogrnCode"):
        if _understands(draft.schema, prop, number):
            draft.add(prop, number, original=text)


def _add_first(draft: Draft, candidates: tuple[str, ...], value: str, text: str) -> None:
    had = [prop for prop in candidates if prop in _properties(draft.schema)]
    if len(had) > 1:
        had = [prop for prop in had if _understands(draft.schema, prop, value)] or had
    if had:
        draft.add(had[0], value, original=text)


def _add_if_had(draft: Draft, prop: str, values: Iterable[str], text: str) -> None:
    if prop in _properties(draft.schema):
        draft.add(prop, values, original=text)


def _add_birth_place(draft: Draft, fact: Fact) -> None:
    _add_if_had(draft, "birthPlace", [fact.value], fact.text)
    country = fact.value.rpartition(", ")[2]  # "Baghdad, Iraq"; "Iraq"
    if draft.schema == "Person" and _is_country(country):
        draft.add("birthCountry", country, original=fact.text)


def _add_addresses(draft: Draft, record: Record) -> None:
    for address in record.addresses:
        if address.line != address.country:
            draft.add("address", address.line)
        country = address.country.removeprefix("Region: ") if address.country else None
        draft.add("country", country, original=address.country)
        draft.add("notes", f"Address remark: {address.remark}" if address.remark else None)


def _add_wallet(wallets: dict[str, Draft], record: Record, fact: Fact) -> None:
    found = _WALLET.match(fact.value)
    if found is None:
        return
    wallet_id = f"{entity_id(record.uid)}-{found['currency'].lower()}-{found['address']}"
    wallet = wallets.setdefault(wallet_id, Draft("CryptoWallet", wallet_id))
    wallet.add("publicKey", found["address"], original=fact.text)
    wallet.add("currency", found["currency"], original=fact.text)
    wallet.add("holder", entity_id(record.uid))
    wallet.add("topics", "sanction")


def _collect_link(roles: defaultdict[str, list[Fact]], record: Record, names: Names, fact: Fact) -> None:
    target = names.uid(fact.value)
    if target is not None and target != record.uid:
        roles[target].append(fact)


def _link(uid: str, target: str, stated: list[Fact]) -> Entity:
    link = Draft("UnknownLink", f"{entity_id(uid)}-link-{target}")
    link.add("subject", entity_id(uid))
    link.add("object", entity_id(target))
    for fact in stated:
        link.add("role", fact.label, original=fact.text)
    return link.build()


def dates(text: str) -> list[str]:
    """A date as published, or what two ends of a range have in common: their month, else their years."""
    if parse_date(text) is not None or not (found := _RANGE.match(text)):
        return [text]
    first, last = parse_date(found[1]), parse_date(found[2])
    if first is None or last is None:
        return [text]
    if len(first) >= 7 and first[:7] == last[:7]:
        return [first[:7]]
    return list(dict.fromkeys((first[:4], last[:4])))


def international(phone: str) -> str:
    """Digits with a plus when they begin with a country code, as eleven and more do; else as published."""
    digits = "".join(_DIGITS.findall(phone))
    is_international = digits.startswith("00") or 11 <= len(digits) <= 15
    digits = digits.removeprefix("00")
    return f"+{digits}" if is_international and not digits.startswith("0") else phone


@cache
def _properties(schema: str) -> frozenset[str]:
    return frozenset(name for name, prop in schema_of(schema).properties.items() if not prop.stub)


@lru_cache(maxsize=4096)
def _is_country(text: str) -> bool:
    return _understands("Person", "birthCountry", text)


def _understands(schema: str, prop: str, value: str) -> bool:
    return prop in _properties(schema) and clean_value(schema_of(schema).properties[prop], value) is not None
