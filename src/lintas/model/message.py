"""What agencies say to one another: one message of a thread, as its originator signs it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lintas.model.handling import Handling


@dataclass(frozen=True)
class Attachment:
    """What travels beside a message. `sha256`, `size_bytes`: of what is inside; `key`: opens it alone, base64url."""

    name: str
    sha256: str
    size_bytes: int
    key: str


@dataclass(frozen=True)
class Message:
    """`seq`: the place among its issuer's messages in the thread, from 1. `reply_to`: id of the message it answers."""

    id: str
    type: str
    thread: str
    seq: int
    issuer: str
    recipient: str
    use: str  # what it is sent for, one of handling.USES
    handling: Handling
    at: datetime
    expires_at: datetime
    body: Mapping[str, Any]
    reply_to: str | None = None
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True)
class TreeHead:
    """How large a node's log was and what the root over it was (hexadecimal), on a day (ISO 8601, UTC)."""

    node: str
    size: int
    root: str
    day: str


@dataclass(frozen=True)
class Receipt:
    """A node's signed word that a message was kept, or refused and why (`code`)."""

    message: str
    issuer: str  # the node that gives the receipt
    recipient: str
    sha256: str  # of the signed content
    at: datetime
    code: str  # "kept", or why it was refused
    head: str  # of the giver's log at that time, signed: see exchange/heads.py
    paths: Mapping[int, tuple[bytes, ...]]  # to it, from each size that the recipient knew
    heads: tuple[str, ...] = ()  # of other nodes that the giver knows, as those signed them


@dataclass(frozen=True)
class Envelope:
    """What crosses the wire. `routing`: signed header over who, whom and the digest of `sealed`, which is encrypted.

    `attachments`: encrypted, in the order in which the message names them.
    """

    routing: str
    sealed: str
    attachments: tuple[bytes, ...] = ()
