"""Time stamps by a real authority: openssl behind a small server of this test."""

import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from lintas.desk import health, jobs, measures, proofs, stamps
from lintas.desk.office import Office
from lintas.model.errors import InputError, UnavailableError
from lintas.store import stamps as kept
from tests.desk.cast import ALICE
from tests.nodes.region import Region
from tests.nodes.test_proofs import INA, VERIFIER, A, B

OPENSSL = shutil.which("openssl")
pytestmark = pytest.mark.skipif(OPENSSL is None, reason="openssl is not installed")
CONFIG = """
[req]
distinguished_name = dn
[dn]
[root]
basicConstraints = critical,CA:TRUE
[signer]
extendedKeyUsage = critical,timeStamping
[tsa]
default_tsa = one
[one]
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/signer.pem
signer_key = {folder}/signer.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
ess_cert_id_alg = sha256
"""


def openssl(*words: object, given: bytes = b"") -> bytes:
    return subprocess.run([str(OPENSSL), *map(str, words)], input=given, capture_output=True, check=True).stdout


class Authority:
    """Keys, certificates and answers of an authority. `change` may spoil what it answers."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.change = folder, lambda answer: answer
        (folder / "config").write_text(CONFIG.format(folder=folder))
        (folder / "serial").write_text("01")
        for name in ("root", "other"):
            self._made(name, "-x509", "-extensions", "root", "-out", folder / f"{name}.pem")
        self._made("signer", "-out", folder / "signer.csr")
        by = ("-CA", folder / "root.pem", "-CAkey", folder / "root.key", "-CAcreateserial")
        with_ = ("-extfile", folder / "config", "-extensions", "signer", "-out", folder / "signer.pem")
        openssl("x509", "-req", "-in", folder / "signer.csr", *by, *with_)

    change: Callable[[bytes], bytes]

    def _made(self, name: str, *more: object) -> None:
        new = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}")
        openssl("req", *new, "-keyout", self.folder / f"{name}.key", "-config", self.folder / "config", *more)

    @property
    def root(self) -> str:
        return (self.folder / "root.pem").read_text()

    def answer(self, asked: bytes) -> bytes:
        (self.folder / "asked.tsq").write_bytes(asked)
        return self.change(
            openssl("ts", "-reply", "-queryfile", self.folder / "asked.tsq", "-config", self.folder / "config")
        )


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def url(authority: Authority) -> Iterator[str]:
    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told = authority.answer(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(told)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/tsr"
    server.shutdown()
    server.server_close()
    authority.change = lambda answer: answer


@pytest.fixture
def region(tmp_path: Path) -> Iterator[Region]:
    made = Region(tmp_path, names=(A, B))
    made.clock.at = datetime.now(UTC)  # the authority's clock is this machine's
    yield made
    made.close()


def words(office: Office) -> tuple[bool, str]:
    (check,) = (one for one in health.state(office, ALICE).checks if one.name == "stamps")
    return check.is_well, check.words


def test_a_proof_bears_the_stamp_that_openssl_finds_good(region: Region, authority: Authority, url: str) -> None:
    office, folder = region.nodes[A], authority.folder
    asked = region.ask(A, B)
    region.deliver(A, B)
    stamps.name(office, ALICE, url, authority.root)
    made = stamps.stamp(office, INA)
    assert abs(made.at - datetime.now(UTC)) < timedelta(minutes=1)
    later = stamps.stamp(office, INA)
    assert later.size > made.size
    proof = proofs.prove(office, INA, asked.id)
    assert proof["log"]["head"] == made.signed, "the first stamp after the rows says the most"
    proofs.write(proof, folder / "proof.json")
    command = [sys.executable, "-I", str(VERIFIER), str(folder / "proof.json"), "--stamp", str(folder / "one")]
    done = subprocess.run(command, capture_output=True, text=True, env={}, check=False)
    assert done.returncode == 0, done.stdout
    assert f"time stamp of {url}" in done.stdout
    files = ("-data", folder / "one.head", "-in", folder / "one.tsr")
    openssl("ts", "-verify", *files, "-CAfile", folder / "root.pem")
    with pytest.raises(subprocess.CalledProcessError):
        openssl("ts", "-verify", *files, "-CAfile", folder / "other.pem")
    proof["log"]["stamp"]["token"] = later.token
    (folder / "proof.json").write_text(json.dumps(proof))
    done = subprocess.run(command, capture_output=True, text=True, env={}, check=False)
    assert (done.returncode, "not over this head" in done.stdout) == (1, True)


def test_the_job_comes_once_a_day_and_when_nobody_answers_nothing_else_stops(
    region: Region, authority: Authority, url: str
) -> None:
    office = region.nodes[A]
    assert words(office) == (True, "No authority is named that stamps the log")
    stamps.name(office, ALICE, url, authority.root)
    done = jobs.work(office, ["stamp"])
    assert done is not None
    assert (done.kind, done.status) == ("stamp", "done"), done.error
    assert words(office)[0]
    authority.change = lambda answer: b"gone"
    for days in range(3):
        region.clock.move(days=1, minutes=1)
        failed = jobs.work(office, ["stamp"])
        assert failed is not None, days
        assert (failed.status, (failed.error or {})["code"]) == ("failed", "bad_stamp")
    is_well, said = words(office)
    assert not is_well
    assert said.startswith("There was no time stamp since 2")
    assert timedelta(seconds=measures.taken(office).stamp_age_s or 0) > timedelta(days=3)
    region.ask(A, B)
    assert region.deliver(A, B) == 1
    stamps.name(office, ALICE, "", "")
    assert measures.taken(office).stamp_age_s is None
    assert jobs.work(office, ["stamp"]) is None
    assert words(office)[0]


@pytest.mark.parametrize(
    "spoilt",
    [
        lambda answer: answer[:-1],
        lambda answer: answer[:-20] + bytes(20),
        lambda answer: b"",
        lambda answer: b"x" * 99_999,
    ],
)
def test_what_is_no_stamp_is_not_kept(
    region: Region, authority: Authority, url: str, spoilt: Callable[[bytes], bytes]
) -> None:
    office = region.nodes[A]
    stamps.name(office, ALICE, url, authority.root)
    authority.change = spoilt
    with pytest.raises(UnavailableError) as caught:
        stamps.stamp(office, INA)
    assert caught.value.code in ("bad_stamp", "stamp_unavailable")
    with office.database.read() as connection:
        assert kept.newest(connection) is None


def test_a_stamp_of_a_stranger_or_of_something_else_is_none(region: Region, authority: Authority, url: str) -> None:
    office = region.nodes[A]
    stamps.name(office, ALICE, url, (authority.folder / "other.pem").read_text())
    with pytest.raises(UnavailableError) as caught:
        stamps.stamp(office, INA)
    assert caught.value.code == "bad_stamp"
    stamps.name(office, ALICE, url, authority.root)
    held = list[bytes]()

    def replayed(to: str, body: bytes) -> bytes:
        held.append(stamps.over_http(to, body))
        return held[0]

    assert stamps.stamp(office, INA, replayed).size > 0
    with pytest.raises(UnavailableError) as caught:
        stamps.stamp(office, INA, replayed)
    assert caught.value.code == "bad_stamp"
    stamps.name(office, ALICE, "http://127.0.0.1:1/tsr", authority.root)
    with pytest.raises(UnavailableError) as caught:
        stamps.stamp(office, INA)
    assert caught.value.code == "stamp_unavailable"


@pytest.mark.parametrize(
    "address", ["ftp://tsa.example", "tsa.example", "http://", "http://u@tsa.example", "http://[x"]
)
def test_what_is_no_authority_is_not_named(region: Region, authority: Authority, address: str) -> None:
    for told, certificates in ((address, authority.root), ("http://tsa.example", "none")):
        with pytest.raises(InputError) as caught:
            stamps.name(region.nodes[A], ALICE, told, certificates)
        assert caught.value.code == "bad_stamp_authority"
    with pytest.raises(InputError) as unnamed:
        stamps.stamp(region.nodes[A], INA)
    assert unnamed.value.code == "no_stamp_authority"
