"""One entry of the list, whichever of the publisher's formats it came in."""

from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["individual", "entity", "vessel", "aircraft"]  # the publisher's SDN_Type; a blank one is "entity"


@dataclass(frozen=True, slots=True)
class Fact:
    """One labelled statement of a remark or id list, such as `Passport A1 (Iran) expires 2030`.

    `text` is the statement as published, `value` what follows its label.
    """

    label: str
    value: str
    text: str


@dataclass(frozen=True, slots=True)
class Alias:
    """A strong alias. Weak ones come as facts, because the legacy format publishes them inside the remark."""

    name: str
    is_former: bool  # f.k.a.


@dataclass(frozen=True, slots=True)
class Address:
    """`line` ends with the country, when one is given."""

    line: str
    country: str | None
    remark: str | None = None


@dataclass(frozen=True, slots=True)
class Ship:
    """What only a vessel has, as published."""

    call_sign: str | None = None
    type: str | None = None
    tonnage: str | None = None
    gross_tonnage: str | None = None
    flag: str | None = None
    owner: str | None = None


@dataclass(slots=True)
class Record:
    """One entry. `name` is "SURNAME, Given names" for individuals; `notes` is free text in full.

    `statements` are those of the remark or the id list, such as `DOB 1954`, each to be read as a fact.
    """

    uid: str
    name: str
    kind: Kind
    programs: tuple[str, ...]
    title: str | None = None
    ship: Ship | None = None
    notes: list[str] = field(default_factory=list)
    statements: list[str] = field(default_factory=list)
    aliases: list[Alias] = field(default_factory=list)
    addresses: list[Address] = field(default_factory=list)


def natural_order(name: str) -> tuple[str, str | None, str | None, str | None]:
    """("Given SURNAME", surname, given names, suffix) of "SURNAME, Given[, Jr.]"; a name of one part as it is."""
    surname, _, rest = name.partition(",")
    given, _, suffix = (part.strip() for part in rest.partition(","))
    if not given:
        return name, None, None, None
    return " ".join(filter(None, (given, surname.strip(), suffix))), surname.strip(), given, suffix or None
