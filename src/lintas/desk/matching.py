"""Private matching: offer the customers of a run to another agency, and ask of what it offers, without telling names.

The holder learns how many questions were asked; the asker learns which of them hit. A hit permits a formal request,
and nothing else: no name crosses. How it works and why: docs/decisions/011.
"""

import hmac
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256, shake_256
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection

from lintas.desk import access, ceilings, node_card, post
from lintas.desk.office import Office
from lintas.exchange import canaries, oprf, tags, wire
from lintas.model.errors import InputError, TooLargeError
from lintas.model.handling import Handling
from lintas.model.officer import Officer
from lintas.screening import identifier_keys, keys
from lintas.store import matching, messages, runs
from lintas.store.matching import Batch, Offer, TagSetKept
from lintas.store.messages import Kept

MODE = oprf.Mode.VOPRF
RATE = 1e-9  # of a question that is not held and yet hits
QUOTA, STRICT = 1000, 33  # questions a day and peer: of a space of 10^7, 30 days tell 0.3 % and 0.01 %
EPOCH_DAYS = 90  # a key answers no longer; ours, as in the research on which decision 011 rests
MAX_HELD = 1_000_000  # keys of an offer
MAX_BATCH = 1000  # questions at once
KEYS = f"{keys.NAME_KEYS} {identifier_keys.ID_KEYS}"
TIERS = ("exact", "strong", "weak")
SEED = "matching.seed"
LONGEST_NAME = 60


@dataclass(frozen=True)
class Hit:
    """A customer of which the other agency holds something. `tiers`: by what: exact, strong, weak (possible)."""

    row: int
    caption: str
    tiers: tuple[str, ...]
    n_keys: int


@dataclass(frozen=True)
class Asked:
    """What was asked of a set about a run. `status`: asked, answered, over_quota, refused."""

    peer: str
    name: str
    status: str
    n: int
    hits: tuple[Hit, ...]


def offer(
    office: Office, officer: Officer, run: int, peer: str, name: str, handling: Handling, *, is_strict: bool = False
) -> Kept:
    """Offer the customers of a run for matching to a peer; what leaves is a set of tags that tells no name.

    `is_strict`: 33 questions a day instead of 1,000. Raises NotFoundError, InputError for a name that is none,
    TooLargeError for over a million keys, DeniedError for a handling above the officer's ceiling.
    """
    access.require(office, officer, "exchange.open", f"match_offer to {peer[:64]}")
    access.require(office, officer, "runs.export", f"offer of run {run} to {peer[:64]}", on=("run", run))
    ceilings.require(office, officer, handling, eyes=1)
    if not 0 < len(name.strip()) <= LONGEST_NAME:
        raise InputError("A set has a name", do=f"Write up to {LONGEST_NAME} characters.", code="no_set_name")
    at_epoch = epoch(office.now())
    held = list({text.encode() for _, _, text in _texts(office, run, keys.keys_of)})
    if not held:
        raise _nobody()
    if len(held) > MAX_HELD:
        raise TooLargeError(
            f"{len(held):,} keys are more than one set takes", do=f"Offer runs of up to {MAX_HELD:,} keys."
        )
    pair, seed = pair_of(office, peer, name, at_epoch)
    nobody = canaries.planted([text.decode() for text in held], shake_256(seed + b"canaries").digest)
    texts = [*held, *(text.encode() for text in nobody)]
    made = tags.build(
        pair.secret, texts, mode=MODE, rate=RATE, draw=shake_256(seed).digest, processes=os.cpu_count() or 1
    )
    sung = tags.among(pair.secret, [text.encode() for text in nobody], made, mode=MODE)
    quota = STRICT if is_strict else QUOTA
    body = {
        "subject": f"Private matching: {name}",
        "name": name,
        "public_key": pair.public.hex(),
        "keys": KEYS,
        "epoch": at_epoch,
        "quota": quota,
    }
    draft = post.Draft("match_offer", body, handling, "intelligence", peer=peer)
    with office.database.write() as connection:
        beside = {"tags": made.to_bytes()}
        sent = post.put(office, connection, draft, by=officer.id, agency=officer.agency, beside=beside)
        marked = wire.said(sung.to_bytes()) if nobody else None
        matching.put_offer(
            connection, Offer(peer, name, sent.number, run, at_epoch, quota, office.now(), nobody, marked)
        )
    details = {"n_keys": len(held), "n_canaries": len(nobody), "n_tags": len(made), "quota": quota}
    access.done(office, officer, "exchange.open", f"match_offer to {peer}", details, subjects=[f"run:{run}"])
    return sent


def offered(office: Office, officer: Officer) -> list[TagSetKept]:
    """The sets that other agencies offer to this one."""
    access.require(office, officer, "exchange.open", "what is offered")
    with office.database.read() as connection:
        return matching.sets(connection)


def given(office: Office, officer: Officer) -> list[Offer]:
    """What this agency offers to others, without its canaries."""
    access.require(office, officer, "exchange.open", "what is given")
    with office.database.read() as connection:
        return [replace(one, canaries=None, canary_tags=None) for one in matching.open_offers(connection)]


def ask(
    office: Office,
    officer: Officer,
    run: int,
    peer: str,
    name: str,
    *,
    legal_basis: str = "",
    rows: Sequence[int] | None = None,
    with_weak: bool = False,
) -> Kept:
    """Ask a peer's set about the customers of a run, or those `rows` of it. `with_weak`: also what is only possible.

    Raises NotFoundError for a run or set that is none, TooLargeError for over 1,000 questions, InputError for none.
    """
    access.require(office, officer, "exchange.open", f"match_batch to {peer[:64]}")
    access.require(office, officer, "runs.export", f"match run {run} with {peer[:64]}", on=("run", run))
    tiers = TIERS if with_weak else TIERS[:2]
    wanted = None if rows is None else frozenset(rows)
    texts = [
        (row, tier, text)
        for row, tier, text in _texts(office, run, keys.queries_of)
        if tier in tiers and (wanted is None or row in wanted)
    ]
    if not texts:
        raise _nobody()
    if len(texts) > MAX_BATCH:
        raise TooLargeError(
            f"{len(texts):,} questions are more than one batch takes",
            do=f"Choose fewer rows: {MAX_BATCH:,} questions at once, about ten for a name and one for a number.",
        )
    blinded = [oprf.blind(text.encode(), mode=MODE) for _, _, text in texts]
    salt = office.secret()
    body = {"name": name, "n": len(texts), "commitment": commitment(salt, texts), "legal_basis": legal_basis}
    with office.database.write() as connection:
        held = matching.tag_set(connection, peer, name)
        sent = _put(office, connection, officer, held, body, b"".join(element for _, element in blinded))
        scalars = [scalar.hex() for scalar, _ in blinded]
        batch = Batch(sent.number, peer, name, run, texts, scalars, salt[:64], "asked", None, None)
        matching.put_batch(connection, batch)
    said = {"n": len(texts), "commitment": body["commitment"]}
    access.done(office, officer, "exchange.open", f"match_batch to {peer}", said, subjects=[f"run:{run}"])
    return sent


def results(office: Office, officer: Officer, run: int) -> list[Asked]:
    """What was asked about the customers of a run, and what hit; the newest first. Raises NotFoundError."""
    access.require(office, officer, "runs.read", f"matching of run {run}", on=("run", run))
    with office.database.read() as connection:
        held = matching.batches_of_run(connection, run)
        captions = {one.row: one.entity.caption for one in runs.customers_of(connection, run)} if held else {}
    return [Asked(one.peer, one.name, one.status, len(one.texts), tuple(_hits(one, captions))) for one in held]


def opened(office: Office, officer: Officer, thread: int, message_id: str) -> tuple[bool, Batch]:
    """For an inspector: what was asked in a message, and whether it is what this node committed to. NotFoundError."""
    access.require(office, officer, "log.read", f"open message {message_id[:64]} of thread {thread}")
    with office.database.read() as connection:
        kept = next((one for one in messages.of_thread(connection, thread) if one.id == message_id), None)
        batch = None if kept is None else matching.batch(connection, kept.number)
    if kept is None or batch is None:
        raise InputError("No questions were asked in this message", do="Take its id from the log.", code="no_batch")
    texts = [(int(row), str(tier), str(text)) for row, tier, text in batch.texts]
    return commitment(batch.salt, texts) == kept.content["body"]["commitment"], batch


def epoch(at: datetime) -> int:
    """The epoch of a time: a key lives as long."""
    return at.toordinal() // EPOCH_DAYS


def commitment(salt: str, texts: Sequence[tuple[int, str, str]]) -> str:
    """What this node binds itself to by a message, without telling it: SHA-256, hexadecimal."""
    return sha256(orjson.dumps([salt[:64], [list(one) for one in texts]])).hexdigest()


def pair_of(office: Office, peer: str, name: str, at_epoch: int) -> tuple[oprf.KeyPair, bytes]:
    """The key for one peer, set and epoch, and a seed of chance that stays the same for it."""
    told = orjson.dumps([node_card.own(office).id, peer, name, at_epoch])
    seed = hmac.digest(_seed(office.node / "keys" / SEED), told, "sha256")
    return oprf.derive_key_pair(seed, b"lintas matching 1", mode=MODE), hmac.digest(seed, b"padding", "sha256")


def _seed(path: Path) -> bytes:
    """32 bytes of chance that all keys come from; made on first use, for this account alone."""
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(oprf.new_key_pair().secret)
    except FileExistsError:
        pass
    held = path.read_bytes()
    if len(held) != 32:
        raise InputError(
            "The seed of the keys for matching is damaged",
            where=str(path),
            do="Put the keys of the last backup in its place.",
            code="bad_key",
        )
    return held


def _texts(office: Office, run: int, of: Any) -> Iterator[tuple[int, str, str]]:
    """Row, tier and text of every key of a run's customers, in their order."""
    with office.database.read() as connection:
        if runs.get(connection, run).erased_at is not None:
            return
        for customer in runs.customers_of(connection, run):
            found = [of(entity) for entity in (customer.entity, *customer.holds)]
            for tier in TIERS:
                texts = frozenset[str]().union(*(getattr(one, tier) for one in found))
                yield from ((customer.row, tier, text) for text in sorted(texts))


def _put(
    office: Office,
    connection: Connection,
    officer: Officer,
    held: TagSetKept,
    body: Mapping[str, Any],
    elements: bytes,
) -> Kept:
    offer = messages.one(connection, held.message)
    draft = post.Draft("match_batch", body, Handling("amber"), "intelligence", thread=offer.thread, reply_to=offer.id)
    beside = {"elements": elements}
    return post.put(office, connection, draft, by=officer.id, agency=officer.agency, beside=beside)


def _nobody() -> InputError:
    return InputError(
        "Nobody in this run has a name or number that can be matched",
        do="Choose another run, or other rows.",
        code="no_questions",
    )


def _hits(batch: Batch, captions: Mapping[int, str]) -> Iterator[Hit]:
    by_row = dict[int, list[str]]()
    for place in batch.hits or ():
        row, tier, _ = batch.texts[place]
        by_row.setdefault(int(row), []).append(str(tier))
    for row, found in sorted(by_row.items()):
        yield Hit(row, captions.get(row, ""), tuple(tier for tier in TIERS if tier in found), len(found))
