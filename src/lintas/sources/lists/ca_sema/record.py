"""One record of the Canadian list as entities: a person, an organisation or a ship, and its sanction."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

from lintas.model.dates import parse_date
from lintas.model.entity import Draft, Entity, clean_value, property_of
from lintas.sources.lists.ca_sema.names import (
    Name,
    bracket_variants,
    organisation_aliases,
    organisation_names,
    person_aliases,
    unwrap,
)

AUTHORITY = "Global Affairs Canada"
_LANGUAGE_MARK = re.compile(r"\s*/\s+|\s+/\s*")  # "Belarus / Bélarus", but not "M/V" or "Co/Ltd"
_TITLE_MARK = re.compile(r"\s*[|/]\s*")  # "Captain/capitaine", "General | Général"
_TYPE_MARK = re.compile(r"\s*\|\s*")  # "Cargo/Multi Purpose | Cargo/polyvalent": the slash is part of the type
_DATES = re.compile(r"\s+or\s+|\s*/\s*|(?<=\d{4})\s*[-–]\s*(?=\d{4}$)", re.IGNORECASE)
_ENGLISH_AND_FRENCH = ("eng", "fra")
LONGEST_WORD = 40  # characters; a longer one is no name
SAME_WORD = 0.7  # share of letters in common; chosen on the 50 aliases of one word of the list of 2025


@dataclass(frozen=True)
class Record:
    """The fields as published, stripped; empty when the record has none."""

    country: str = ""
    last_name: str = ""
    given_name: str = ""
    entity_or_ship: str = ""
    aliases: str = ""
    title_or_ship_type: str = ""
    ship_imo_number: str = ""
    birth_or_build_date: str = ""
    schedule: str = ""
    item: str = ""
    listing_date: str = ""

    @property
    def name(self) -> str:
        """The full name, for people."""
        return unwrap(self.entity_or_ship or f"{self.given_name} {self.last_name}")

    @property
    def regime(self) -> str:
        """The regulation in English: mostly the country it is about."""
        return _LANGUAGE_MARK.split(unwrap(self.country))[0]

    @property
    def place(self) -> str:
        """The place in the law: regulation, schedule and item."""
        return ", ".join(filter(None, (self.regime, self.schedule_in_words, f"Item {self.item}")))

    @property
    def schedule_in_words(self) -> str:
        """`Schedule 1, Part 2`; a regulation with one schedule only names its part."""
        text = re.sub(r",\s*", ", ", unwrap(self.schedule))
        return f"Schedule, {text}" if text.startswith("Part") else f"Schedule {text}" if text else ""

    @property
    def kind(self) -> str:
        """person, ship or entity. A ship has a number, or a type, and no person's name."""
        if not self.entity_or_ship:
            return "person"
        is_ship = self.title_or_ship_type or re.search(r"\d", self.ship_imo_number)
        return "ship" if is_ship else "entity"


@dataclass(frozen=True)
class Listed:
    """What was read from one record."""

    kind: str
    subject: Entity
    sanction: Entity


def read_record(record: Record, entity_id: str) -> Listed:
    """The entities of one record that has a name and a place in the law."""
    add = {"person": _person, "entity": _organisation, "ship": _ship}[record.kind]
    subject = add(record, entity_id)
    subject.add("topics", "sanction")
    return Listed(record.kind, subject.build(), _sanction(record, entity_id).build())


def _person(record: Record, entity_id: str) -> Draft:
    draft = Draft("Person", entity_id)
    published = f"{record.given_name} {record.last_name}"
    for index, last_name in enumerate(bracket_variants(record.last_name)):
        draft.add("alias" if index else "name", f"{unwrap(record.given_name)} {last_name}", original=published)
        draft.add("lastName", last_name, original=record.last_name)
    draft.add("firstName", unwrap(record.given_name))
    _add_person_aliases(draft, record)
    _add_in_both_languages(draft, "title", _TITLE_MARK, record.title_or_ship_type)
    _add_dates(draft, "birthDate", record.birth_or_build_date)
    if record.ship_imo_number:  # a shifted column; whose the value is cannot be known
        draft.add("notes", f"Ship IMO number: {record.ship_imo_number}")
    return draft


def _organisation(record: Record, entity_id: str) -> Draft:
    draft = Draft("Organization", entity_id)  # "entity" in these regulations is whatever is no natural person
    names, aliases = organisation_names(record.entity_or_ship)
    _add_names(draft, "name", names, record.entity_or_ship)
    _add_names(draft, "alias", aliases, record.entity_or_ship)
    _add_names(draft, "alias", organisation_aliases(record.aliases), record.aliases)
    if record.ship_imo_number:
        draft.add("notes", f"Ship IMO number: {record.ship_imo_number}")
    if record.birth_or_build_date:
        draft.add("notes", f"Date of birth or ship build date: {record.birth_or_build_date}")
    return draft


def _ship(record: Record, entity_id: str) -> Draft:
    draft = Draft("Vessel", entity_id)
    draft.add("name", unwrap(record.entity_or_ship))
    _add_names(draft, "alias", organisation_aliases(record.aliases), record.aliases)
    draft.add("imoNumber", record.ship_imo_number)
    _add_in_both_languages(draft, "type", _TYPE_MARK, record.title_or_ship_type)
    _add_dates(draft, "buildDate", record.birth_or_build_date)
    return draft


def _sanction(record: Record, entity_id: str) -> Draft:
    draft = Draft("Sanction", f"{entity_id}-sanction")
    draft.add("entity", entity_id)
    draft.add("authority", AUTHORITY)
    draft.add("program", record.regime, original=record.country)
    if clean_value(property_of("Sanction", "country"), record.regime) is not None:
        # The state that the regulation is about. It is not said to be the nationality of the person.
        draft.add("country", record.regime, original=record.country)
    if record.schedule:
        draft.add("provisions", record.schedule_in_words, original=record.schedule)
    draft.add("recordId", record.place)
    draft.add("listingDate", record.listing_date)
    return draft


def _add_names(draft: Draft, prop: str, names: list[Name], published: str) -> None:
    for name in names:
        if name.is_form:
            draft.add("notes", f"Alias: {published}")
        else:
            draft.add("weakAlias" if name.is_weak else prop, name.value, original=published, lang=name.lang)


def _add_person_aliases(draft: Draft, record: Record) -> None:
    """Aliases; one of a single word that spells a part of the name is completed: nobody is found by `Andrei` alone."""
    given, last = unwrap(record.given_name), unwrap(record.last_name)
    for alias in person_aliases(record.aliases):
        if alias.is_weak and (spelled := _respell(given, alias.value)):
            draft.add("firstName", alias.value, original=record.aliases, lang=alias.lang)
            draft.add("alias", f"{spelled} {last}", original=record.aliases, lang=alias.lang)
        elif alias.is_weak and (spelled := _respell(last, alias.value)):
            draft.add("lastName", alias.value, original=record.aliases, lang=alias.lang)
            draft.add("alias", f"{given} {spelled}", original=record.aliases, lang=alias.lang)
        else:
            draft.add("weakAlias" if alias.is_weak else "alias", alias.value, original=record.aliases, lang=alias.lang)


def _respell(name: str, word: str) -> str | None:
    """`name` with the word that `word` is another spelling of (Andrei for Andrey) replaced; None without one."""
    words = name.split() if len(word) <= LONGEST_WORD else []
    likeness = [SequenceMatcher(None, word.lower(), other.lower()).ratio() for other in words]
    if max(likeness, default=0.0) < SAME_WORD:
        return None
    words[likeness.index(max(likeness))] = word
    return " ".join(words)


def _add_in_both_languages(draft: Draft, prop: str, mark: re.Pattern[str], published: str) -> None:
    parts = mark.split(unwrap(published))
    languages = _ENGLISH_AND_FRENCH if len(parts) == 2 else (None,) * len(parts)
    for part, lang in zip(parts, languages, strict=True):
        draft.add(prop, part, original=published, lang=lang)


def _add_dates(draft: Draft, prop: str, published: str) -> None:
    """One date or a choice of two: `1963 or 1964`, `1963-1964`. Other words are kept, marked as not understood."""
    parts = _DATES.split(published)
    is_choice = len(parts) > 1 and all(parse_date(part) for part in parts)
    for part in parts if is_choice else [published]:
        draft.add(prop, part, original=published if is_choice else None)
