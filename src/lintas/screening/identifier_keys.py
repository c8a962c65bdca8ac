"""Identifiers as keys of private matching: typed, versioned texts that two nodes write alike from equal data.

A key is `id/1|type|number`, or `id/1|type|place|number` where a number is unique in its country only. The number
stands last, so a `|` in it can be taken for nothing else. Any change of output is a new ID_KEYS.
"""

from collections.abc import Callable, Iterator, Mapping
from unicodedata import decimal, normalize

from stdnum import iban, lei

from lintas.model import imo, mmsi, wallet
from lintas.model.entity import Entity, schema_of
from lintas.screening.query import MIN_IDENTIFIER_LENGTH, country_props, identifier_key

ID_KEYS = "id/1"

# Numbers that one authority of one country gives out: property, type of the key.
DOCUMENTS: Mapping[str, str] = {
    "passportNumber": "passport",
    "idNumber": "national_id",
    "socialSecurityNumber": "social_security",
    "taxNumber": "tax",
    "vatCode": "tax",
    "innCode": "tax",
    "registrationNumber": "registration",
    "ogrnCode": "registration",
    "uscCode": "registration",
}


def identifier_keys(entity: Entity) -> tuple[frozenset[str], frozenset[str]]:
    """The exact keys and the weak ones.

    Exact: a number that is one in the world, or stands beside its country. Weak: a document or an account by its
    number alone, under whichever heading, for the other side may not know the country or file it elsewhere.
    """
    whole = {f"{ID_KEYS}|{kind}|{number}" for kind, number in _worldwide(entity)}
    placed = list(_placed(entity))
    places = _places(entity)
    exact = {f"{ID_KEYS}|{kind}|{place}|{number}" for kind, _, number in placed for place in places}
    weak = {f"{ID_KEYS}|{family}||{number}" for _, family, number in placed}
    return frozenset(whole | exact), frozenset(weak)


def countries_of(entity: Entity) -> frozenset[str]:
    """Countries that the entity states, in FollowTheMoney's codes."""
    return frozenset(value for prop in country_props(entity.schema) for value in entity.get(prop))


def _places(entity: Entity) -> frozenset[str]:
    # ISO 9362: letters five and six of a BIC are the country of the bank.
    return countries_of(entity) | {bic[4:6].lower() for bic in entity.get("bic")}


def _worldwide(entity: Entity) -> Iterator[tuple[str, str]]:
    for prop, (kind, read) in _WORLDWIDE.items():
        for value in entity.get(prop):
            if number := read(value):
                yield kind, number
    is_ship = schema_of(entity.schema).is_a(schema_of("Vessel"))
    for value in entity.get("imoNumber"):
        if number := (imo.parse if is_ship else _number)(value):
            yield ("imo" if is_ship else "imo_company"), number.removeprefix("IMO")


def _placed(entity: Entity) -> Iterator[tuple[str, str, str]]:
    """Type, family and number of what needs a country."""
    for value in entity.get("accountNumber"):
        if (number := _number(value)) and not _iban(value):
            yield "account", "account", number
    if not schema_of(entity.schema).is_a(schema_of("LegalEntity")):
        return  # a car's plate is a registration number, too
    for prop, kind in DOCUMENTS.items():
        for value in entity.get(prop):
            if number := _number(value):
                yield kind, "document", number


def _number(value: str) -> str | None:
    """Letters and digits, upper case, digits of every script as ASCII; None when short or without a digit."""
    ascii_digits = (str(decimal(c, c)) for c in normalize("NFKC", value))
    number = identifier_key("".join(ascii_digits))
    return number if len(number) >= MIN_IDENTIFIER_LENGTH and any(c.isdigit() for c in number) else None


def _iban(value: str) -> str | None:
    return iban.compact(value) if iban.is_valid(value) else None


def _lei(value: str) -> str | None:
    return lei.compact(value).upper() if lei.is_valid(value) else None


def _phone(value: str) -> str | None:
    """E.164, as FollowTheMoney cleans it."""
    return value if value.startswith("+") and value[1:].isdecimal() else None


def _email(value: str) -> str:
    # RFC 5321 lets the part before the @ differ by case; no large provider does.
    return normalize("NFKC", value).casefold()


_WORLDWIDE: Mapping[str, tuple[str, Callable[[str], str | None]]] = {
    "mmsi": ("mmsi", mmsi.parse),
    "leiCode": ("lei", _lei),
    "publicKey": ("wallet", wallet.parse),
    "cryptoAddress": ("wallet", wallet.parse),
    "cryptoWallets": ("wallet", wallet.parse),
    "iban": ("iban", _iban),
    "accountNumber": ("iban", _iban),
    "phone": ("phone", _phone),
    "email": ("email", _email),
}
