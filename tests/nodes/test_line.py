"""Mutual TLS between nodes, over real sockets: who is let in, who is refused in the handshake, and who at the door."""

import base64
import os
import re
import socket
import ssl
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key

from lintas.api.app import build
from lintas.cli.own_port import own_port
from lintas.desk import line, node_card, outward, peers, rotation
from lintas.desk.office import Settings, open_office
from lintas.exchange import certificates, keys
from lintas.exchange.keys import Card
from lintas.model.errors import ConflictError, InputError, NotFoundError
from lintas.store.messages import Kept
from tests.desk.cells import newest
from tests.nodes.region import CORA, LINA, NAMES, Region, meet
from tests.nodes.test_region import LINTAS

A, B, C = NAMES


@dataclass
class Wired:
    """Nodes whose doors are open, each at the place that its card says."""

    region: Region
    places: dict[str, str]

    def ask(self, one: str, other: str) -> tuple[int, Kept]:
        """Say something over the real line: how many receipts came, and what became of it."""
        said = self.region.ask(one, other)
        n = outward.deliver(self.region.nodes[one], other)
        return n, next(kept for kept in self.region.all(one) if kept.id == said.id)

    def card(self, node: str) -> Card:
        return node_card.own(self.region.nodes[node]).public()

    def client(self, of: str, to: str) -> ssl.SSLContext:
        return line.to_peer(self.region.nodes[of], self.card(to))

    def call(self, to: str, tls: ssl.SSLContext, path: str = outward.PATH, body: bytes = b"") -> httpx.Response:
        return httpx.post(f"https://{self.places[to]}{path}", content=body, verify=tls, trust_env=False, timeout=10)


@pytest.fixture
def wired(tmp_path: Path) -> Iterator[Wired]:
    region = Region(tmp_path)
    with ExitStack() as doors:
        places = {
            node: doors.enter_context(own_port(office, build(office, has_exchange=False), "127.0.0.1", 0))
            for node, office in region.nodes.items()
        }
        for node, place in places.items():
            rotation.move(region.nodes[node], CORA, f"https://{place}", is_pinned=True)
        for one in NAMES:
            for other in set(NAMES) - {one}:
                assert region.deliver(one, other) == 1
        yield Wired(region, places)
    region.close()


def is_broken(call: Callable[[], Any]) -> bool:
    """The connection does not come about, or ends before an answer."""
    with pytest.raises((httpx.TransportError, OSError)):
        call()
    return True


def shown(tls: ssl.SSLContext, pem: bytes, folder: Path) -> ssl.SSLContext:
    """The same client with another certificate."""
    (folder / "other.pem").write_bytes(pem)
    tls.load_cert_chain(folder / "other.pem")
    return tls


def issued_by(own: Card) -> bytes:
    """A certificate that a trusted node issues to another, as an authority would."""
    mine = certificates.pem(own.line(datetime.now(UTC))[0].jwk)
    key, above = load_pem_private_key(mine, None), x509.load_pem_x509_certificate(mine)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    other = certificates.pem(certificates.made(datetime.now(UTC)))
    below = x509.load_pem_x509_certificate(other)
    made = (
        x509.CertificateBuilder(above.subject, below.subject, below.public_key(), 7)
        .not_valid_before(below.not_valid_before_utc)
        .not_valid_after(below.not_valid_after_utc)
        .sign(key, hashes.SHA256())
    )
    return (
        made.public_bytes(Encoding.PEM)
        + other[other.index(b"-----BEGIN PRIVATE") :]
        + mine[: mine.index(b"-----BEGIN PRIVATE")]
    )


def test_nodes_that_trust_each_other_speak_over_tls_1_3(wired: Wired) -> None:
    n, kept = wired.ask(A, B)
    assert (n, kept.status) == (1, "kept")
    host, _, port = wired.places[B].rpartition(":")
    with socket.create_connection((host, int(port))) as plain, wired.client(A, B).wrap_socket(plain) as tls:
        assert tls.version() == "TLSv1.3"
        certificate = tls.getpeercert(binary_form=True) or b""
    assert certificates.pin(certificate) == wired.card(B).line(wired.region.clock())[0].id
    assert line.holders(wired.region.nodes[A], certificate) == {B}


def test_only_the_door_is_there(wired: Wired) -> None:
    tls = wired.client(A, B)
    assert wired.call(B, tls).json() == {"code": "bad_envelope", "receipt": ""}
    for path in ("/", "/sign-in", "/healthz", "/readyz", "/metrics", "/openapi.json", "/docs", "/search/default"):
        answer = httpx.get(f"https://{wired.places[B]}{path}", verify=tls, trust_env=False)
        assert answer.status_code == 404, path
    office = wired.region.nodes[B]
    doors = [outward.PATH in build(office, has_exchange=one).openapi()["paths"] for one in (True, False)]
    assert doors == [True, False], "and it is nowhere else"


def test_who_shows_no_certificate_or_an_unknown_one_is_refused_in_the_handshake(wired: Wired, tmp_path: Path) -> None:
    nobody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    nobody.check_hostname, nobody.verify_mode = False, ssl.CERT_NONE
    assert is_broken(lambda: wired.call(B, nobody))
    unknown = certificates.pem(certificates.made(datetime.now(UTC)))
    assert is_broken(lambda: wired.call(B, shown(nobody, unknown, tmp_path)))
    own = node_card.own(wired.region.nodes[C])
    assert is_broken(lambda: wired.call(B, shown(nobody, issued_by(own), tmp_path))), "no card is an authority"
    good = certificates.pem(own.line(wired.region.clock())[0].jwk)
    assert wired.call(B, shown(nobody, good, tmp_path)).status_code == 400, "the same client with a pinned one"


def test_tls_1_2_is_refused(wired: Wired) -> None:
    old = wired.client(A, B)
    old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_2
    assert is_broken(lambda: wired.call(B, old))


def test_a_client_believes_the_node_it_means_and_no_other(wired: Wired) -> None:
    office = wired.region.nodes[A]
    elsewhere = replace(wired.card(B), address=f"https://{wired.places[C]}")
    assert is_broken(lambda: outward.over_https(office, elsewhere, b""))
    assert is_broken(lambda: outward.over_https(office, replace(wired.card(B), is_pinned=False), b""))


def test_a_revoked_node_fails_in_the_handshake_and_an_open_connection_at_the_door(wired: Wired) -> None:
    office = wired.region.nodes[B]
    with httpx.Client(verify=wired.client(A, B), trust_env=False, base_url=f"https://{wired.places[B]}") as open_one:
        waits = wired.region.ask(A, B)
        parcel = outward.packed(wired.region.nodes[A], waits)
        assert open_one.post(outward.PATH, content=b"").json()["code"] == "bad_envelope"
        peers.revoke(office, LINA, A, "Its keys were stolen")
        answer = open_one.post(outward.PATH, content=parcel)
    assert (answer.status_code, answer.json()) == (403, {"code": "other_carrier", "receipt": ""})
    assert is_broken(lambda: wired.call(B, wired.client(A, B)))
    n, kept = wired.ask(A, B)
    assert (n, kept.status) == (0, "waiting")
    meet(office, wired.region.nodes[A])
    assert outward.deliver(wired.region.nodes[A], B) == 2, "no restart is needed to be let in again"


def test_what_is_another_nodes_is_not_handed_in_for_it(wired: Wired) -> None:
    waits = wired.region.ask(A, B)
    parcel = outward.packed(wired.region.nodes[A], waits)
    answer = wired.call(B, wired.client(C, B), body=parcel)
    assert (answer.status_code, answer.json()) == (403, {"code": "other_carrier", "receipt": ""})
    assert newest(wired.region.nodes[B], 1) == [(C, "exchange.receive", "refused")]
    assert outward.deliver(wired.region.nodes[A], B) == 1, "and its own node hands it in"


def test_certificates_are_renewed_with_an_overlap(wired: Wired) -> None:
    region = wired.region
    before = wired.card(B).line(region.clock())[0]
    region.clock.move(hours=1)
    rotation.rotate(region.nodes[B], CORA)
    assert wired.ask(A, B)[1].code == "no_receipt", "let in; its receipt is signed by a key that is not known here yet"
    assert outward.deliver(region.nodes[B], A) == 1
    assert outward.deliver(region.nodes[A], B) == 1
    assert wired.card(B).line(region.clock())[0] == replace(before, ends_at=region.clock() + keys.OVERLAP)
    region.clock.move(days=31)
    assert wired.card(B).line(region.clock())[0].id != before.id
    assert (wired.ask(A, B)[0], wired.ask(B, A)[0]) == (1, 1)


def test_a_certificate_that_was_compromised_opens_nothing(wired: Wired, tmp_path: Path) -> None:
    region = wired.region
    stolen = certificates.pem(node_card.own(region.nodes[B]).line(region.clock())[0].jwk)
    region.clock.move(hours=1)
    rotation.rotate(region.nodes[B], CORA, is_compromised=True)
    peers.revoke(region.nodes[A], LINA, B, "Its keys were stolen")
    meet(region.nodes[A], region.nodes[B])
    assert is_broken(lambda: wired.call(A, shown(wired.client(C, A), stolen, tmp_path)))
    assert wired.ask(B, A)[0] == 1


def test_the_command_serves_both_ports_and_the_door_at_its_own_alone(tmp_path: Path) -> None:
    region = Region(tmp_path, names=(A, B))
    ports = ("--port", "0", "--exchange-port", "0", "--exchange-host", "127.0.0.1")
    words = [*LINTAS, "--node", str(tmp_path / B), "serve", *ports]
    environment = {**os.environ, "COLUMNS": "200"}
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=environment) as node:
        try:
            assert node.stdout
            said = ""
            for told in node.stdout:
                said += told
                if "Other nodes reach it" in told:
                    break
            pages, door = re.findall(r"https?://(?:localhost|127\.0\.0\.1):\d+", said)
            card = replace(node_card.own(region.nodes[B]).public(), address=door, is_pinned=True)
            assert b"bad_envelope" in outward.over_https(region.nodes[A], card, b"")
            with httpx.Client(transport=httpx.HTTPTransport(retries=5), timeout=30) as client:
                assert client.get(f"{pages}/healthz").status_code == 200
                assert client.post(f"{pages}{outward.PATH}", content=b"").status_code not in (200, 400)
        finally:
            node.terminate()
            node.wait(timeout=30)
    region.close()


def test_when_whom_to_trust_cannot_be_read_nobody_gets_in_and_the_journal_says_so(
    wired: Wired, caplog: pytest.LogCaptureFixture
) -> None:
    tls, card = wired.client(A, B), wired.region.nodes[B].node / "keys" / "exchange.json"
    whole = card.read_bytes()
    card.write_bytes(b"{")
    assert is_broken(lambda: wired.call(B, tls))
    assert "whom to trust could not be read" in caplog.text
    card.write_bytes(whole)
    assert wired.call(B, tls).status_code == 400


def test_a_node_from_before_has_no_own_port(tmp_path: Path) -> None:
    office = open_office(Settings(tmp_path / "new"))
    with pytest.raises(NotFoundError):
        line.door(office)
    with pytest.raises(InputError):
        node_card.init(office, CORA, A, NAMES[A], "http://localhost:1", is_pinned=True)
    node_card.init(office, CORA, A, NAMES[A])
    older = lambda card: replace(card, keys=tuple(key for key in card.keys if key.curve != keys.LINE))  # noqa: E731
    node_card.renew(office, older)
    for ask in (lambda: line.door(office), lambda: rotation.move(office, CORA, "https://fiu.example", is_pinned=True)):
        with pytest.raises(ConflictError) as caught:
            ask()
        assert caught.value.code == "no_certificate_key"
    rotation.rotate(office, CORA)
    assert line.door(office).verify_mode == ssl.CERT_REQUIRED
    assert list((tmp_path / "new" / "keys").glob("tmp*")) == [], "no key is left behind"
    office.close()


def test_a_card_whose_certificate_is_of_another_key_is_none() -> None:
    at = datetime.now(UTC)
    card = Card(A, NAMES[A], "https://fiu.example", keys.made(at), is_pinned=True)
    assert keys.open_card(keys.sign(card, card)) == card.public()
    other, good = certificates.made(at), dict(card.keys[3].jwk)
    changes: list[dict[str, Any]] = [
        {"x5c": other["x5c"]},
        {"x5c": []},
        {"x5c": [*good["x5c"], *other["x5c"]]},
        {"x5c": ["AAAA"]},
        {"x5c": [base64.b64encode(b"no certificate").decode()]},
        {"d": other["d"]},
        {"crv": "P-384"},
        {"x": other["x"], "y": other["y"]},
    ]
    for change in changes:
        told = card.said()
        told["keys"][3]["jwk"] = good | change
        with pytest.raises(InputError):
            keys.read(told)
    for lost in ({"address": "http://localhost:1"}, {"keys": card.said()["keys"][:3]}):
        with pytest.raises(InputError):
            keys.read(card.said() | lost)
