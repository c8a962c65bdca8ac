"""How officers reach a node: TLS of its own, a reverse proxy that is believed, and nothing in the clear."""

import os
import re
import socket
import ssl
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI, Request

from lintas.cli import serving
from lintas.cli.main import main
from lintas.cli.serving import check_reach, listen, listening
from lintas.cli.tls import secured
from lintas.desk.office import Office
from lintas.model.errors import ConflictError, LintasError
from tests.paths import certificates
from tests.serving import running, served

REFUSED = "alert|EOF"  # the node ended the handshake; asyncio does not always send its alert
LINTAS = (sys.executable, "-c", "from lintas.cli.main import main; main()")


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    return certificates.make(tmp_path)


@pytest.fixture
def https(sqlite_office: Office, pair: tuple[Path, Path]) -> Iterator[str]:
    with served(sqlite_office, tls=secured(*pair)) as address:
        yield address


def test_a_node_with_a_certificate_speaks_https_and_tells_browsers_to_stay_there(
    https: str, pair: tuple[Path, Path]
) -> None:
    answer = httpx.get(f"{https}/sign-in", verify=ssl.create_default_context(cafile=pair[0]))
    assert answer.status_code == 200
    assert "max-age=31536000" in answer.headers["Strict-Transport-Security"]
    assert "server" not in answer.headers


def test_a_client_that_does_not_know_the_certificate_gets_nothing(https: str) -> None:
    with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        httpx.get(f"{https}/sign-in")


def test_https_alone_is_spoken_where_a_certificate_is(https: str) -> None:
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.get(f"{https.replace('https', 'http')}/sign-in")


@pytest.mark.parametrize(
    ("version", "is_spoken"),
    [(ssl.TLSVersion.TLSv1_1, False), (ssl.TLSVersion.TLSv1_2, True), (ssl.TLSVersion.TLSv1_3, True)],
)
@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_tls_is_spoken_from_1_2_on(
    https: str, pair: tuple[Path, Path], version: ssl.TLSVersion, is_spoken: bool
) -> None:
    context = ssl.create_default_context(cafile=pair[0])
    context.set_ciphers("ALL:@SECLEVEL=0")  # the client would take anything
    context.minimum_version, context.maximum_version = version, version
    if is_spoken:
        assert httpx.get(f"{https}/healthz", verify=context).status_code == 200
    else:
        with pytest.raises(httpx.ConnectError, match=REFUSED):
            httpx.get(f"{https}/healthz", verify=context)


def only(certificate: Path, cipher: str) -> ssl.SSLContext:
    """A client that speaks TLS 1.2 with one suite."""
    context = ssl.create_default_context(cafile=certificate)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(f"{cipher}:@SECLEVEL=0")
    return context


@pytest.mark.parametrize("cipher", ["ECDHE-ECDSA-AES256-SHA384", "ECDHE-ECDSA-AES256-SHA"])
def test_suites_without_authenticated_encryption_are_refused(https: str, pair: tuple[Path, Path], cipher: str) -> None:
    assert httpx.get(f"{https}/healthz", verify=only(pair[0], "ECDHE-ECDSA-AES256-GCM-SHA384")).status_code == 200
    context = only(pair[0], cipher)
    with pytest.raises(httpx.ConnectError, match=REFUSED):
        httpx.get(f"{https}/healthz", verify=context)


def test_the_command_serves_https(tmp_path: Path, pair: tuple[Path, Path]) -> None:
    words = ("--node", tmp_path / "node", "serve", "--port", 0, "--certificate", pair[0], "--key", pair[1])
    environment = {**os.environ, "COLUMNS": "200"}
    with subprocess.Popen([*LINTAS, *map(str, words)], stdout=subprocess.PIPE, text=True, env=environment) as node:
        try:
            assert node.stdout
            address = next(found[0] for line in node.stdout if (found := re.search(r"https://localhost:\d+", line)))
            transport = httpx.HTTPTransport(verify=ssl.create_default_context(cafile=pair[0]), retries=5)
            with httpx.Client(transport=transport, timeout=30) as client:
                assert client.get(f"{address}/healthz").status_code == 200
        finally:
            node.terminate()


def nothing(pair: tuple[Path, Path]) -> tuple[Path, Path]:
    return pair[0].with_name("nothing"), pair[1]


def no_key(pair: tuple[Path, Path]) -> tuple[Path, Path]:
    return pair[0], pair[1].with_name("nothing")


def swapped(pair: tuple[Path, Path]) -> tuple[Path, Path]:
    return pair[1], pair[0]


def of_another(pair: tuple[Path, Path]) -> tuple[Path, Path]:
    return pair[0], certificates.make(pair[0].parent, "other")[1]


def locked(pair: tuple[Path, Path]) -> tuple[Path, Path]:
    return certificates.make(pair[0].parent, "locked", b"a passphrase")


def garbled(pair: tuple[Path, Path]) -> tuple[Path, Path]:
    pair[0].write_bytes(pair[0].read_bytes().replace(b"M", b"-"))
    return pair


@pytest.mark.parametrize(
    ("break_it", "code"),
    [
        (nothing, "no_file"),
        (no_key, "no_file"),
        (swapped, "bad_certificate"),
        (of_another, "key_mismatch"),
        (locked, "bad_certificate"),
        (garbled, "bad_certificate"),
        (lambda pair: (pair[0].parent, pair[1]), "no_file"),
    ],
)
def test_files_that_do_not_fit_are_named(
    tmp_path: Path,
    pair: tuple[Path, Path],
    break_it: Callable[[tuple[Path, Path]], tuple[Path, Path]],
    code: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    certificate, key = break_it(pair)
    words = ("--node", tmp_path / "node", "serve", "--certificate", certificate, "--key", key)
    monkeypatch.setattr(sys, "argv", ["lintas", *map(str, words)])
    with pytest.raises(SystemExit) as ended:
        main()
    said = capsys.readouterr().err
    assert (ended.value.code, said.split()[-1]) == (65, code)
    assert str(tmp_path) in said
    assert not (tmp_path / "node").exists()


def test_a_certificate_without_its_key_is_refused(pair: tuple[Path, Path]) -> None:
    for certificate, key in ((pair[0], None), (None, pair[1])):
        with pytest.raises(LintasError) as refused:
            secured(certificate, key)
        assert refused.value.code == "half_certificate"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "node.example"])
def test_sessions_do_not_cross_a_network_in_the_clear(host: str, pair: tuple[Path, Path]) -> None:
    with pytest.raises(LintasError) as refused:
        check_reach(host, None, None)
    assert refused.value.code == "no_certificate"
    check_reach(host, secured(*pair), None)
    check_reach(host, None, "192.0.2.1")


@pytest.mark.parametrize("proxy", ["*", "", "0.0.0.0/0", "proxy.example", "127.0.0.1,10.0.0.1"])
def test_one_address_is_believed_and_no_pattern(proxy: str) -> None:
    with pytest.raises(LintasError) as refused:
        check_reach("127.0.0.1", None, proxy)
    assert refused.value.code == "bad_proxy"


@pytest.mark.parametrize(
    ("proxy", "seen"),
    [("127.0.0.2", ["https", "203.0.113.9"]), ("127.0.0.3", ["http", "127.0.0.2"]), (None, ["http", "127.0.0.2"])],
)
def test_scheme_and_client_are_believed_from_the_proxy_alone(proxy: str | None, seen: list[str]) -> None:
    app = FastAPI()

    @app.get("/")
    def what_was_seen(request: Request) -> list[str]:
        assert request.client
        return [request.url.scheme, request.client.host]

    said = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"}
    from_there = httpx.HTTPTransport(local_address="127.0.0.2")
    with running(app, proxy=proxy) as address, httpx.Client(transport=from_there, headers=said) as client:
        assert client.get(address).json() == seen


def test_the_name_of_this_machine_leads_to_the_node_by_both_families_of_addresses() -> None:
    """Passkeys are for a name. Who asks for the number is answered there alone."""
    sockets, told = listening("localhost", 0)
    number = sockets[0].getsockname()[1]
    assert told == f"localhost:{number}"
    found = {one.getsockname()[:2] for one in sockets}
    assert {("127.0.0.1", number)} <= found <= {("127.0.0.1", number), ("::1", number)}
    for one in sockets:
        one.close()
    (alone,), told = listening("127.0.0.1", 0)
    assert told == f"127.0.0.1:{alone.getsockname()[1]}"
    alone.close()


def test_a_name_that_another_process_answers_to_is_not_told() -> None:
    try:
        taken = listen("::1", 0)
    except (OSError, ConflictError):
        pytest.skip("this machine has no IPv6")
    with taken:
        number = taken.getsockname()[1]
        sockets, told = listening("localhost", number)
        assert told == f"127.0.0.1:{number}"
        (one,) = sockets
        one.close()


def test_who_comes_beyond_the_connections_that_are_held_is_told(
    sqlite_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each is an open file, and without those the node could not even read its own."""
    monkeypatch.setattr(serving, "MOST_CONNECTIONS", 3)
    with served(sqlite_office) as address:
        assert httpx.get(f"{address}/healthz").status_code == 200
        place = httpx.URL(address)
        held = [socket.create_connection((place.host, place.port)) for _ in range(2)]
        try:
            assert httpx.get(f"{address}/healthz").status_code == 503
        finally:
            for one in held:
                one.close()


def test_what_is_uploaded_lies_in_the_nodes_own_folder_while_it_is_served(sqlite_office: Office) -> None:
    with served(sqlite_office):
        with tempfile.SpooledTemporaryFile(max_size=1) as upload:  # what the parser of forms keeps a file in
            upload.write(b"more than it holds in memory")
            lies = Path(f"/proc/self/fd/{upload.fileno()}").readlink()
        assert sqlite_office.scratch.resolve() in lies.parents
    assert tempfile.gettempdir() != str(sqlite_office.scratch)
