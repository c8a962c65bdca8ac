"""Which schema a row is of, and under which of its properties a value goes."""

from functools import cache, lru_cache

from lintas.model.entity import matchable_schemata, schema_of
from lintas.reference import columns

# What a row carries says what it is when no column does; the first that fits.
_NAMES = frozenset(("name", "alias", "previousName", "firstName", "middleName", "lastName"))
_SHIP = frozenset(("imoNumber", "mmsi", "callSign"))
_WALLET = frozenset(("cryptoAddress", "publicKey"))
_PERSON = frozenset(("birthDate", "passportNumber", "gender"))
_ACCOUNT = frozenset(("iban", "accountNumber"))
# What a customer of another schema holds rather than is.
_HELD = dict.fromkeys(_WALLET, "CryptoWallet") | dict.fromkeys(_ACCOUNT, "BankAccount")


@lru_cache(maxsize=4096)
def schema_of_row(stated: str | None, props: frozenset[str]) -> str:
    """The schema of a row with values of `props`: the stated one, or the one that its values speak for.

    Where that one lacks some of them, the nearest kind of it that lacks the fewest.
    """
    wanted = stated or _carried(props)
    kinds = [name for name in matchable_schemata(wanted) if schema_of(name).is_a(schema_of(wanted))]

    def cost(name: str) -> tuple[int, bool, int, str]:
        n_lacking = sum(place_of(name, prop) is None for prop in props)
        return n_lacking, name != wanted, len(schema_of(name).properties), name

    return min((wanted, *kinds), key=cost)


@cache
def place_of(schema: str, prop: str) -> str | None:
    """`prop`, or the wider property that stands in for it where `schema` lacks it; None when there is none."""
    for candidate in (prop, *columns.stand_ins(prop)):
        found = schema_of(schema).get(candidate)
        if found is not None and not found.stub:
            return candidate
    return None


def held_as(prop: str) -> str | None:
    """The schema of the thing that a value of `prop` names, when a customer holds it: a wallet, an account."""
    return _HELD.get(prop)


def _carried(props: frozenset[str]) -> str:
    if props & _SHIP:
        return "Vessel"
    if props & _PERSON or props >= {"firstName", "lastName"}:
        return "Person"
    if props & _WALLET and not props & _NAMES:
        return "CryptoWallet"
    if props & _ACCOUNT and not props & _NAMES:
        return "BankAccount"
    # Neither a person nor an organisation for sure: compared with both.
    return "LegalEntity"
