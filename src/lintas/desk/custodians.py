"""Who can open a backup: the custodians of the node, each with an age key of their own. The node has no secret one."""

from collections.abc import Mapping
from dataclasses import dataclass

from pyrage import x25519
from sqlalchemy import Connection

from lintas.desk import access, archive, four_eyes
from lintas.desk.office import Office
from lintas.model.case import Proposal
from lintas.model.errors import ConflictError, InputError, NotFoundError
from lintas.model.officer import Officer
from lintas.model.text import clean_text
from lintas.store import settings

SETTING, VERB = "custodians", "backup.keys"
LONGEST_LABEL = 64  # characters


@dataclass(frozen=True)
class Custodian:
    """`key`: the public part, age1..."""

    label: str
    key: str


def everybody(office: Office, officer: Officer) -> list[Custodian]:
    """Whose keys open the backups that are made from now on."""
    access.require(office, officer, "settings.read", SETTING)
    with office.database.read() as connection:
        return held(connection)


def add(office: Office, officer: Officer, label: str, key: str, reason: str = "") -> Proposal | None:
    """Encrypt backups to one more key. Where this node asks for a second officer, a proposal; never for the first key.

    Raises InputError for a key or label that is none, ConflictError for one that is there.
    """
    made = Custodian(clean_text(label)[:LONGEST_LABEL], key.strip())
    access.require(office, officer, VERB, f"add {made.label}", {"key": made.key[:80]})
    archive.recipient(made.key)
    if not made.label:
        raise InputError("A custodian needs a name", do="Write whose key it is.", code="no_label")
    with office.database.read() as connection:
        is_first = not held(connection)
    if not is_first and four_eyes.asked_for(office, VERB):
        return four_eyes.propose(office, officer, VERB, f"add {made.label}", {"add": vars(made)}, reason)
    _change(office, officer, made, is_added=True)
    return None


def new(office: Office, officer: Officer, label: str, reason: str = "") -> tuple[str, str, Proposal | None]:
    """Make a key and add it: the secret part, which is kept nowhere, the public part, and a proposal as in `add`."""
    secret, key = pair()
    return secret, key, add(office, officer, label, key, reason)


def remove(office: Office, officer: Officer, label: str, reason: str = "") -> Proposal | None:
    """Encrypt to a key no more; what was encrypted to it stays so. A proposal as in `add`.

    Raises NotFoundError, ConflictError for the last one.
    """
    access.require(office, officer, VERB, f"remove {label[:LONGEST_LABEL]}")
    with office.database.read() as connection:
        going = _named(held(connection), label)
    if four_eyes.asked_for(office, VERB):
        return four_eyes.propose(office, officer, VERB, f"remove {going.label}", {"remove": vars(going)}, reason)
    _change(office, officer, going, is_added=False)
    return None


def carry_out(office: Office, officer: Officer, proposal: Proposal) -> None:
    """Do what a second officer approved. Raises as `add` and `remove` do."""
    ((what, fields),) = proposal.arguments.items()
    _change(office, officer, Custodian(**fields), is_added=what == "add")


def pair() -> tuple[str, str]:
    """A new key of age: the secret and the public part."""
    made = x25519.Identity.generate()
    return str(made), str(made.to_public())


def held(connection: Connection) -> list[Custodian]:
    """The custodians of the node, in the order in which they came."""
    return [Custodian(**one) for one in settings.get(connection, SETTING, [])]


def required(found: list[Custodian]) -> list[str]:
    """Their keys. Raises InputError when there is none."""
    if not found:
        raise InputError(
            "A backup is encrypted, and this node knows nobody who could open it",
            do="Make a key and keep its secret part on paper: lintas custodian new LABEL, or give a key of age: "
            "lintas custodian add LABEL AGE1... For an upgrade: lintas custodian key, then --custodian AGE1...",
            code="no_custodian",
        )
    return [one.key for one in found]


def _change(office: Office, officer: Officer, one: Custodian, *, is_added: bool) -> None:
    with office.database.write() as connection:
        before = held(connection)
        after = _with(before, one) if is_added else _without(before, one)
        value: list[Mapping[str, str]] = [vars(each) for each in after]
        settings.put(connection, SETTING, value, by=officer.id, at=office.now())
    about = f"{'added' if is_added else 'removed'} {one.label}"
    access.done(office, officer, VERB, about, {"key": one.key})


def _with(before: list[Custodian], one: Custodian) -> list[Custodian]:
    if any(each.key == one.key or each.label == one.label for each in before):
        raise ConflictError(
            f"There is a custodian {one.label!r}, or one with this key",
            do="See: lintas custodian list.",
            code="custodian_exists",
        )
    return [*before, one]


def _without(before: list[Custodian], one: Custodian) -> list[Custodian]:
    if _named(before, one.label) and len(before) == 1:
        raise ConflictError(f"{one.label} is the last custodian", do="Add another one first.", code="last_custodian")
    return [each for each in before if each.label != one.label]


def _named(found: list[Custodian], label: str) -> Custodian:
    for one in found:
        if one.label == label:
            return one
    raise NotFoundError(
        f"No custodian {label[:LONGEST_LABEL]!r}", do="See: lintas custodian list.", code="unknown_custodian"
    )
