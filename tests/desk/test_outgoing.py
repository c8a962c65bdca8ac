"""The way out: which hosts, which addresses, and that the address that was judged is the one that is reached."""

import ssl
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from lintas.desk import outgoing
from lintas.desk.outgoing import Outside, check_host, is_public
from lintas.model.errors import InputError, UnavailableError
from lintas.sources import catalogue
from tests.desk.publisher import MACHINE, Publisher, publishing, send

NAME = "www.publisher.example"
OUT, INSIDE = (
    "127.0.0.2",
    "127.0.0.1",
)  # in these tests the first plays the Internet, the second what must not be reached

NOT_PUBLIC = """
    0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 127.0.0.1 127.1.2.3 169.254.0.1 169.254.169.254 172.16.0.1
    172.31.255.255 192.0.0.1 192.0.2.1 192.88.99.1 192.168.1.1 198.18.0.1 198.51.100.1 203.0.113.1 224.0.0.1
    239.255.255.250 240.0.0.1 255.255.255.255 :: ::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:8.8.8.8 ::127.0.0.1
    64:ff9b::7f00:1 64:ff9b:1::1 100::1 2001::7f00:1 2001:db8::1 2001:10::1 2002:7f00:1:: 2002:a00:1:: 3fff::1 5f00::1
    fc00::1 fd12:3456::1 fe80::1 fe80::1%lo fec0::1 ff02::1 ff0e::1
""".split()
PUBLIC = "8.8.8.8 1.1.1.1 93.184.216.34 2606:4700::1111 2001:4860:4860::8888 2a02:26f0::1".split()
# What inet_aton and browsers read as 127.0.0.1 or 169.254.169.254, and other ways to write no name.
NO_NAMES = """
    127.0.0.1 2130706433 017700000001 0x7f000001 0x7f.0.0.1 0177.0.0.1 127.1 127.0.1 0 1 0x0 ::1 [::1] [::ffff:7f00:1]
    169.254.169.254 2852039166 0xa9fea9fe 0251.0376.0251.0376 localhost local example .example.org example..org
    example.org:443 example.org/ user@example.org -a.example.org a-.example.org exam_ple.org *.example.org
    \uff11\uff12\uff17.0.0.1 127\u30020\u30020\u30021 \u24d4xample.org 1.2.3.4.0x5 a.1 xn--.-
""".split()


@dataclass
class Resolver:
    """A name server that answers in turn, and counts."""

    answers: Sequence[Sequence[str]]
    asked: list[str] = field(default_factory=list)

    def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append(host)
        return self.answers[(len(self.asked) - 1) % len(self.answers)]


def reach(outside: Outside, *hosts: str) -> httpx.Client:
    return outgoing.client(hosts or (NAME,), outside, timeout=httpx.Timeout(5), headers={})


def refused(client: httpx.Client, url: str) -> str:
    with pytest.raises(UnavailableError) as caught:
        client.get(url, follow_redirects=True)
    assert caught.value.code == "not_let_out"
    return caught.value.what


# Addresses and names


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_an_address_that_is_not_of_the_internet_is_not_reached(address: str) -> None:
    assert not is_public(ip_address(address))
    resolver = Resolver([[address]])
    with reach(Outside(resolve=resolver)) as client:
        assert "not public" in refused(client, f"https://{NAME}/list")
    with reach(Outside(resolve=Resolver([["93.184.216.34", address]]))) as client:
        assert "not public" in refused(client, f"https://{NAME}/list")
    assert resolver.asked == [NAME]


@pytest.mark.parametrize("address", PUBLIC)
def test_an_address_of_the_internet_is(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize("name", NO_NAMES)
def test_a_number_in_any_base_is_no_name_of_a_host(name: str) -> None:
    with pytest.raises(InputError) as caught:
        check_host(name)
    assert caught.value.code == "bad_host"
    with reach(Outside()) as client, pytest.raises((UnavailableError, httpx.InvalidURL, UnicodeError)):
        client.get(f"https://{name}/list")


def test_a_name_is_one_in_any_case() -> None:
    assert check_host(" Lists.Example.ORG. ") == "lists.example.org"


def test_every_address_of_every_list_is_at_a_host_that_the_list_names() -> None:
    for source in catalogue.sources():
        assert {urlsplit(url).hostname for url in source.urls} <= set(source.hosts), source.name
        assert all(urlsplit(url).scheme == "https" for url in source.urls)
        assert [check_host(host) for host in source.hosts] == list(source.hosts)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        (f"http://{NAME}/list", "not encrypted"),
        (f"https://{NAME}:8443/list", "port"),
        (f"https://{NAME}:22/list", "port"),
        (f"https://who:secret@{NAME}/list", "password"),
        ("https://other.example/list", "publisher's hosts"),
        (f"https://{NAME}.evil.example/list", "publisher's hosts"),
        (f"https://evil.example/{NAME}", "publisher's hosts"),
        (f"https://{NAME}@evil.example/", "publisher's hosts"),
        (f"https://evil.example#{NAME}", "publisher's hosts"),
    ],
)
def test_what_is_not_allowed_is_refused_before_the_name_is_looked_up(url: str, why: str) -> None:
    resolver = Resolver([["93.184.216.34"]])
    with reach(Outside(resolve=resolver)) as client:
        what = refused(client, url)
    assert why in what
    assert "secret" not in what
    assert resolver.asked == []


# Rebinding and redirects, with servers that count who connects


@pytest.fixture
def pair() -> Iterator[tuple[Publisher, Publisher]]:
    """A publisher, and at the same port of another address a server that nobody may reach."""
    with publishing(INSIDE) as inside:
        port = urlsplit(inside.address).port or 0
        with publishing(OUT, port) as out:
            inside.files["/list"] = out.files["/list"] = b"x"
            yield out, inside


def only_out(resolver: Resolver) -> Outside:
    return Outside(resolve=resolver, is_reachable=lambda address: str(address) == OUT, is_plain=True)


def test_a_name_that_answers_otherwise_after_it_was_judged_reaches_nothing_else(
    pair: tuple[Publisher, Publisher],
) -> None:
    out, inside = pair
    url = out.url("/list").replace(OUT, NAME)
    resolver = Resolver([[OUT], [INSIDE]])
    n_refused = 0
    for _ in range(50):
        with reach(only_out(resolver)) as client:
            try:
                assert client.get(url).content == b"x"
            except UnavailableError:
                n_refused += 1
    assert len(resolver.asked) == 50  # once for a request: between judging and connecting nobody asks again
    assert (out.n_connections, n_refused, inside.n_connections) == (25, 25, 0)


def test_a_name_with_one_address_inside_is_not_reached_at_any(pair: tuple[Publisher, Publisher]) -> None:
    out, inside = pair
    with reach(only_out(Resolver([[OUT, INSIDE], [INSIDE, OUT]]))) as client:
        for _ in range(4):
            refused(client, out.url("/list").replace(OUT, NAME))
    assert (out.n_connections, inside.n_connections) == (0, 0)


def test_every_hop_of_a_redirect_is_judged_anew(pair: tuple[Publisher, Publisher]) -> None:
    out, inside = pair
    there = out.url("/list").replace(OUT, NAME)
    out.says["/away"] = lambda request: send(request, 302, Location=there)
    with reach(only_out(Resolver([[OUT], [INSIDE]]))) as client:
        assert "not public" in refused(client, there.replace("/list", "/away"))
    for location in (inside.url("/list"), f"//{INSIDE}/", "http://2130706433/", "http://[::1]/", "file:///etc/passwd"):
        out.says["/away"] = lambda request, to=location: send(request, 302, Location=to)  # type: ignore[misc]
        with reach(only_out(Resolver([[OUT]]))) as client, pytest.raises((UnavailableError, httpx.TransportError)):
            client.get(there.replace("/list", "/away"), follow_redirects=True)
    assert inside.n_connections == 0


def test_with_the_rules_as_they_are_nothing_on_this_machine_is_reached(pair: tuple[Publisher, Publisher]) -> None:
    port = urlsplit(pair[0].address).port
    for address in (OUT, INSIDE, "::1", "::ffff:127.0.0.1", "0.0.0.0"):
        with reach(Outside(resolve=Resolver([[address]]))) as client:
            refused(client, f"https://{NAME}/list")
            refused(client, f"http://{NAME}:{port}/list")
    assert [one.n_connections for one in pair] == [0, 0]


def test_a_silent_address_is_passed_over_for_the_next(pair: tuple[Publisher, Publisher]) -> None:
    out, _ = pair
    with reach(Outside(Resolver([["127.0.0.3", OUT]]), MACHINE.is_reachable, is_plain=True)) as client:
        assert client.get(out.url("/list").replace(OUT, NAME)).content == b"x"


def test_proxies_of_the_environment_are_not_asked(
    pair: tuple[Publisher, Publisher], monkeypatch: pytest.MonkeyPatch
) -> None:
    out, inside = pair
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, inside.address)
    with reach(only_out(Resolver([[OUT]]))) as client:
        assert client.get(out.url("/list").replace(OUT, NAME)).content == b"x"
    assert inside.n_connections == 0


# Certificates: the name is certified, whatever the address


@dataclass
class Certified:
    """A certificate for some names, and the names that clients asked for in the handshake."""

    context: ssl.SSLContext
    asked: list[str | None]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for NAME that certifies itself, and its key beside it."""
    folder = tmp_path_factory.mktemp("tls")
    line = f"openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN={NAME}"
    line += f" -addext subjectAltName=DNS:{NAME} -keyout {folder / 'key.pem'} -out {folder / 'cert.pem'}"
    subprocess.run(line.split(), check=True, capture_output=True)
    return folder / "cert.pem"


@contextmanager
def certified(authority: Path) -> Iterator[tuple[Publisher, Certified]]:
    held = Certified(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), [])
    held.context.load_cert_chain(authority, authority.with_name("key.pem"))
    held.context.sni_callback = lambda _, name, __: held.asked.append(name)
    with publishing(OUT, tls=held.context) as publisher:
        yield publisher, held


def test_the_certificate_and_the_host_are_those_of_the_name_and_not_of_the_address(
    authority: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))
    hosts = list[str]()

    def say(request: BaseHTTPRequestHandler) -> None:
        hosts.append(request.headers["Host"])
        send(request, 200, b"x")

    outside = only_out(Resolver([[OUT]]))
    with certified(authority) as (publisher, held), reach(outside, NAME, "other.example") as client:
        publisher.says["/list"] = say
        url = publisher.url("/list").replace(OUT, NAME)
        assert client.get(url).content == b"x"
        assert held.asked == [NAME]
        assert hosts == [urlsplit(url).netloc]
        with pytest.raises(httpx.ConnectError, match="certificate"):  # no connection of the first name is used again
            client.get(url.replace(NAME, "other.example"))
        assert held.asked == [NAME, "other.example"]
        assert len(hosts) == 1


def test_a_certificate_that_nobody_vouches_for_is_refused(authority: Path) -> None:
    with certified(authority) as (publisher, _), reach(only_out(Resolver([[OUT]]))) as client:
        publisher.files["/list"] = b"x"
        with pytest.raises(httpx.ConnectError, match="certificate"):
            client.get(publisher.url("/list").replace(OUT, NAME))
        assert publisher.asked == []
