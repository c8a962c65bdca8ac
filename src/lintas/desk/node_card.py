"""Who this node is to others: its name, and its keys in a file that only its account reads."""

import fcntl
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import orjson

from lintas.desk import access, seal
from lintas.desk.office import Office
from lintas.exchange import keys
from lintas.exchange.keys import Card
from lintas.model.errors import ConflictError, InputError, LintasError, NotFoundError
from lintas.model.officer import Officer
from lintas.model.text import clean_text

FILE = "exchange.json"
_ID = re.compile(r"^[a-z]{2}\.[a-z0-9][a-z0-9-]{0,40}$")
LONGEST_NAME = 200  # characters


def init(office: Office, officer: Officer, node: str, name: str, address: str = "", *, is_pinned: bool = False) -> Card:
    """Give the node its name and its first keys. `node`: state and agency, as "id.fiu".

    `is_pinned`: at its address it shows a certificate of its card, and asks for one.

    Raises InputError for a name or address that is none, ConflictError when it has them already.
    """
    access.require(office, officer, "node.keys", f"init {node[:64]}")
    name = clean_text(name)[:LONGEST_NAME]
    if not _ID.match(node) or not name:
        raise InputError(
            "A node is called by its state and agency",
            where=node[:64],
            do="Write the two letters of the state, a dot and the agency, as id.fiu, and the agency's full name.",
            code="bad_node_id",
        )
    made = Card(node, name, checked(address, is_pinned), keys.made(office.now()), is_pinned)
    with _alone(office):
        if _path(office).exists():
            raise ConflictError(
                "This node has its name and keys already",
                do="See them with `lintas node card`; `lintas node rotate` makes new keys.",
                code="node_is_named",
            )
        _write(office, made)
    access.done(office, officer, "node.keys", f"init {node}", {"fingerprint": made.fingerprint})
    return made.public()


def show(office: Office, officer: Officer) -> Card:
    """The node's card. Raises NotFoundError before `init`."""
    access.require(office, officer, "peers.read", "own card")
    return own(office).public()


def signed(office: Office, officer: Officer) -> str:
    """The card as it is handed to other agencies. Raises NotFoundError before `init`."""
    access.require(office, officer, "peers.read", "own card")
    held = own(office)
    return keys.sign(held, held)


def continued(office: Office, officer: Officer) -> list[str]:
    """The card for a directory: signed by the newest key, then by each older one that is still good, so that who knows
    any of them finds it signed for. Raises NotFoundError before `init`.
    """
    access.require(office, officer, "peers.read", "own card")
    held, at = own(office), office.now()
    signers = [key for key in reversed(held.keys) if key.curve == keys.SIGN and key.is_good(at)]
    return [keys.sign(held, replace(held, keys=(key,))) for key in signers]


def renew(office: Office, change: Callable[[Card], Card]) -> Card:
    """Write other keys; one process at a time. Raises NotFoundError before `init`."""
    with _alone(office):
        after = change(own(office))
        _write(office, after)
    return after


def in_words(card: Card) -> str:
    """The fingerprint of a card as 12 words, to be compared by voice and paper."""
    return seal.in_words(card.fingerprint)


def own(office: Office) -> Card:
    """The card with its private keys. Raises NotFoundError before `init`, InputError when the file is damaged."""
    try:
        return keys.read(orjson.loads(_path(office).read_bytes()))
    except FileNotFoundError as error:
        raise NotFoundError(
            "This node has no name among the others yet",
            do="Give it one: lintas node init id.fiu --name 'Financial Intelligence Unit'.",
            code="node_not_named",
        ) from error
    except (OSError, ValueError, LintasError) as error:
        raise InputError(
            "The file of the node's keys is damaged",
            where=str(_path(office)),
            do="Put the keys of the last backup in its place.",
            code="bad_key",
        ) from error


def _path(office: Office) -> Path:
    return office.node / "keys" / FILE


@contextmanager
def _alone(office: Office) -> Iterator[None]:
    lock = os.open(office.node / "keys" / "exchange.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _write(office: Office, card: Card) -> None:
    part = _path(office).with_suffix(".part")
    part.touch(mode=0o600)
    part.write_bytes(orjson.dumps(card.said()))
    part.replace(_path(office))


def checked(address: str, is_pinned: bool) -> str:
    """An address of a node, without a slash at its end. Raises InputError."""
    if not keys.is_address(address) or (is_pinned and not address.startswith("https:")):
        raise InputError(
            "This is no address of a node",
            where=address[:200],
            do="Write https:// and the host, with a port if need be; leave it empty when this node fetches.",
            code="bad_address",
        )
    return address.rstrip("/")
