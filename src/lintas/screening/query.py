"""Both sides of a comparison, prepared once: names normalised, dates, countries and identifiers by kind."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from lintas.model.entity import schema_of
from lintas.screening.normalise import NameForm, normalise_name

NAME_PROPS = ("name", "alias", "previousName", "weakAlias")
DATE_PROPS = ("birthDate", "incorporationDate", "buildDate")

# Which properties hold numbers of one kind. A document number can stand under another heading in a customer
# file, so the numbers of a person are one kind, and those of an organisation another.
IDENTIFIER_KINDS: Mapping[str, str] = {
    "imoNumber": "imo",
    "mmsi": "mmsi",
    "callSign": "call_sign",
    "publicKey": "wallet",
    "cryptoAddress": "wallet",
    "cryptoWallets": "wallet",
    "accountNumber": "account",
    "iban": "account",
    "leiCode": "lei",
    "swiftBic": "bic",
    "bic": "bic",
    "passportNumber": "document",
    "idNumber": "document",
    "socialSecurityNumber": "document",
    "taxNumber": "document",
    "vatCode": "document",
    "innCode": "document",
    "registrationNumber": "document",
    "ogrnCode": "document",
    "uscCode": "document",
    "licenseNumber": "document",
    "serialNumber": "serial",
    "email": "email",
    "phone": "phone",
}
MIN_IDENTIFIER_LENGTH = 5  # letters and digits; shorter numbers repeat by chance
_NOT_ALNUM = re.compile(r"[\W_]+")
_IMO = re.compile(r"^IMO(?=\d{7}$)")


@dataclass(frozen=True, slots=True)
class Name:
    """One name of one side: as written, as compared, and under which property it stands."""

    text: str
    form: NameForm
    prop: str


@dataclass(frozen=True, slots=True)
class Subject:
    """A query or a listed entity, ready to be compared."""

    schema: str
    names: tuple[Name, ...]
    dates: tuple[str, ...]
    countries: frozenset[str]
    genders: frozenset[str]
    identifiers: Mapping[str, Mapping[str, str]]  # kind: {compared form: as written}


def subject(schema: str, properties: Mapping[str, Sequence[str]]) -> Subject:
    """Prepare one side."""
    return Subject(
        schema=schema,
        names=names_of(schema, properties),
        dates=tuple(value for prop in DATE_PROPS for value in properties.get(prop, ())),
        countries=frozenset(value for prop in country_props(schema) for value in properties.get(prop, ())),
        genders=frozenset(properties.get("gender", ())),
        identifiers=_identifiers(properties),
    )


def names_of(schema: str, properties: Mapping[str, Sequence[str]]) -> tuple[Name, ...]:
    """All names; one made of first and last name when nothing else is given."""
    found = [(value, prop) for prop in NAME_PROPS for value in properties.get(prop, ())]
    if not found:
        parts = [v for prop in ("firstName", "middleName", "lastName") for v in properties.get(prop, ())[:1]]
        found = [(" ".join(parts), "name")] if parts else []
    names = (Name(text, normalise_name(text, schema), prop) for text, prop in found)
    return tuple(name for name in names if name.form.tokens)


@cache
def country_props(schema: str) -> tuple[str, ...]:
    """Properties of a schema that hold countries; the flag of a ship changes and is left out."""
    props = schema_of(schema).properties
    return tuple(name for name, prop in props.items() if prop.type.name == "country" and name not in ("pastFlags",))


def identifier_key(value: str) -> str:
    """A number as it is compared: letters and digits only, upper case, without the letters IMO."""
    return _IMO.sub("", _NOT_ALNUM.sub("", value).upper())


def _identifiers(properties: Mapping[str, Sequence[str]]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for prop, kind in IDENTIFIER_KINDS.items():
        for value in properties.get(prop, ()):
            # Base58 wallets differ by case alone; everything else does not.
            key = value if kind == "wallet" and not value.startswith("0x") else identifier_key(value)
            if len(key) >= MIN_IDENTIFIER_LENGTH:
                found.setdefault(kind, {})[key] = value
    return found
