"""Time stamps (RFC 3161): a third party's word that the log was so by then. Their absence is told and stops nothing."""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
from cryptography import x509
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from lintas.desk import access, node_card, witness
from lintas.desk.office import Office
from lintas.exchange import heads
from lintas.model.errors import InputError, UnavailableError
from lintas.model.officer import Officer
from lintas.store import jobs, settings
from lintas.store import stamps as kept
from lintas.store.log import rows, tree
from lintas.store.stamps import Stamp

SETTING = "stamp_authority"
VERB = "log.stamp"
KIND, EVERY_H = "stamp", 24.0  # ours: evidence is dated to the day
LATE = timedelta(hours=2 * EVERY_H)  # one stamp may fail, two in a row are worth an officer's look
TIMEOUT_S = 30.0
MAX_ANSWER = 64 * 1024  # bytes; a token with its certificates has 3 to 10 thousand
MAX_PEM = 64 * 1024  # characters
Wire = Callable[[str, bytes], bytes]  # carries a request to an authority; its answer. Raises httpx.HTTPError, OSError


@dataclass(frozen=True)
class Standing:
    """The authority that is named (empty: none), since when, and the last stamp."""

    authority: str
    named_at: datetime | None
    newest: Stamp | None

    def is_late(self, at: datetime) -> bool:
        """Whether there should have been a stamp since."""
        return self.since is not None and at - self.since > LATE

    @property
    def since(self) -> datetime | None:
        """When the last stamp came, or the authority was named and gave none yet."""
        if self.named_at is None:
            return None
        return self.named_at if self.newest is None else max(self.newest.at, self.named_at)


def name(office: Office, officer: Officer, url: str, certificates: str) -> None:
    """Have the head of the log stamped once a day. `certificates`: PEM, the authority's root and what stands between.

    An empty `url`: by nobody any more. Raises InputError for an address or certificate that is none.
    """
    access.require(office, officer, "settings.change", SETTING, {"url": url[:1000]})
    value = _checked(url, certificates) if url else None
    at = office.now()
    with office.database.write() as connection:
        settings.put(connection, SETTING, value, by=officer.id, at=at)
        if value is None:
            jobs.repeat_no_more(connection, KIND, {}, at=at)
        else:
            jobs.repeat(connection, KIND, {}, every_h=EVERY_H, by=officer.id, at=at)
    access.done(office, officer, "settings.change", SETTING, {"url": url})


def stamp(office: Office, officer: Officer, wire: Wire | None = None) -> Stamp:
    """Have the newest head stamped now.

    Raises InputError while no authority is named, UnavailableError when it does not answer with a stamp that its
    certificates vouch for, NotFoundError while this node has no name.
    """
    access.require(office, officer, "log.verify", "stamp the newest head")
    with office.database.read() as connection:
        authority = settings.get(connection, SETTING, None)
    if authority is None:
        raise InputError(
            "No authority is named that stamps the log",
            do="Name one: lintas audit authority URL --certificates FILE.",
            code="no_stamp_authority",
        )
    size, signed = _head(office)
    made = _stamped(size, signed, authority, wire or over_http)
    with office.database.write() as connection:
        there = kept.of_size(connection, size)
        if there is None:
            kept.keep(connection, made)
    access.done(office, officer, VERB, f"head of row {size}", {"authority": made.authority, "at": made.at.isoformat()})
    return there or made


def standing(office: Office) -> Standing:
    """How it stands, for verbs that have asked for leave."""
    with office.database.read() as connection:
        value, _, at = settings.everything(connection).get(SETTING, (None, "", None))
        return Standing(value["url"] if value else "", at if value else None, kept.newest(connection))


def over_http(url: str, body: bytes) -> bytes:
    """Carry a request (RFC 3161, 3.4); redirects and proxies are not followed."""
    headers = {"Content-Type": "application/timestamp-query"}
    with (
        httpx.Client(timeout=TIMEOUT_S, follow_redirects=False, trust_env=False) as client,
        client.stream("POST", url, content=body, headers=headers) as response,
    ):
        held = bytearray()
        for block in response.iter_bytes():
            held += block
            if len(held) > MAX_ANSWER:
                raise httpx.DecodingError("the answer is too long")
        if response.status_code != 200:
            raise httpx.HTTPError(f"status {response.status_code}")
        return bytes(held)


def _head(office: Office) -> tuple[int, str]:
    own = node_card.own(office)
    with office.log.read() as connection:
        size = rows.head(connection).number
        root = tree.root(connection, size).hex()
    return size, heads.sign(witness.head(office, own, size, root), own)


def _stamped(size: int, signed: str, authority: Mapping[str, Any], wire: Wire) -> Stamp:
    request = TimestampRequestBuilder().data(signed.encode()).hash_algorithm(HashAlgorithm.SHA256).build()
    try:
        answer = wire(authority["url"], request.as_bytes())
        token = decode_timestamp_response(answer)
        verifier = VerifierBuilder.from_request(request)
        for one in x509.load_pem_x509_certificates(authority["certificates"].encode()):
            is_root = one.issuer == one.subject
            verifier = verifier.add_root_certificate(one) if is_root else verifier.add_intermediate_certificate(one)
        verifier.build().verify_message(token, signed.encode())
    except (httpx.HTTPError, OSError) as error:
        raise _none(authority, f"it does not answer ({type(error).__name__})", "stamp_unavailable") from error
    except (VerificationError, ValueError) as error:
        raise _none(authority, f"its answer does not hold ({str(error)[:200]})", "bad_stamp") from error
    at = token.tst_info.gen_time.astimezone(UTC)
    return Stamp(size, signed, base64.b64encode(answer).decode(), authority["url"], at)


def _checked(url: str, certificates: str) -> dict[str, str]:
    try:
        parts = urlsplit(url)
        is_address = parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.username
        found = x509.load_pem_x509_certificates(certificates[:MAX_PEM].encode())
        if not is_address or len(url) > 1000 or not any(one.issuer == one.subject for one in found):
            raise ValueError
    except ValueError as error:
        raise InputError(
            "This is no address of a time-stamping authority, or there is no root certificate of it",
            where=url[:200],
            do="Give its http or https address, and a PEM file with its root certificate.",
            code="bad_stamp_authority",
        ) from error
    return {"url": url, "certificates": certificates}


def _none(authority: Mapping[str, Any], why: str, code: str) -> UnavailableError:
    return UnavailableError(
        f"There is no time stamp: {why}",
        where=str(authority["url"]),
        do="Nothing else stops; it is tried again with the next daily job, or now: lintas audit stamp.",
        code=code,
    )
