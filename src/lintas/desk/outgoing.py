"""The only way out of this node: to hosts that are named, encrypted, at public addresses, and no address else.

A name is resolved once for every request, redirects included; every address it has is judged, and the connection is
made to an address that was judged. So a name that answers otherwise a moment later (DNS rebinding) changes nothing.
"""

import re
import socket
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

import httpx

from lintas.model.errors import InputError, UnavailableError

MAX_REDIRECTS = 5
MAX_ADDRESSES = 4  # of one name that are tried, one after the other
# RFC 1123, 2.1, with the labels of IDNA; the last one begins with a letter, so that no number in any base is a name.
_NAME = re.compile(r"^(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])$")
_UNICAST = IPv6Network("2000::/3")  # all that IANA gives out of IPv6; RFC 4291, 2.4
_NOT_GIVEN_OUT = (IPv6Network("3fff::/20"), IPv6Network("2002::/16"))  # RFC 9637, documentation; RFC 7526, 6to4
_RELAY = IPv4Address("192.88.99.0")  # /24, 6to4 relays (RFC 7526)

Address = IPv4Address | IPv6Address


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a name, as this machine finds them. Raises OSError."""
    return [str(place[0]) for *_, place in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def is_public(address: Address) -> bool:
    """Whether an address is one of the Internet: no loopback, private, link-local, multicast or reserved one, and
    none that hides an address of IPv4 in one of IPv6.
    """
    if not address.is_global or address.is_multicast or address.is_reserved:
        return False
    if isinstance(address, IPv4Address):
        return int(address) >> 8 != int(_RELAY) >> 8
    return address in _UNICAST and not any(address in one for one in _NOT_GIVEN_OUT) and address.teredo is None


@dataclass(frozen=True)
class Outside:
    """What lies beyond this node. The defaults are the rules; only a test hands in others."""

    resolve: Callable[[str, int], Sequence[str]] = resolve
    is_reachable: Callable[[Address], bool] = is_public
    is_plain: bool = False  # http, any port and any name of a host


def client(
    hosts: Collection[str], outside: Outside, *, timeout: httpx.Timeout, headers: Mapping[str, str]
) -> httpx.Client:
    """A client that reaches `hosts` alone. What it refuses is an UnavailableError with the code `not_let_out`.

    Proxies that the environment names are not used: they would resolve the names themselves.
    """
    return httpx.Client(
        transport=_Pinned(frozenset(hosts), outside),
        timeout=timeout,
        headers=headers,
        max_redirects=MAX_REDIRECTS,
        trust_env=False,
    )


def check_host(host: str) -> str:
    """A name of a host, in lower case. Raises InputError for an address in any base, or no whole name."""
    name = host.strip().lower().removesuffix(".")
    if not _NAME.match(name):
        raise InputError(
            f"{host[:80]!r} is no whole name of a host",
            do="Give its name and domain, such as lists.example.org: no address, no port, no path.",
            code="bad_host",
        )
    return name


class _Pinned(httpx.BaseTransport):
    """Connects to the address that was judged, while the certificate and the Host header stay those of the name."""

    def __init__(self, hosts: frozenset[str], outside: Outside) -> None:
        self._hosts = hosts
        self._outside = outside
        # Nothing is kept alive: a connection that was made for one name may not serve another at the same address.
        self._inner = httpx.HTTPTransport(limits=httpx.Limits(max_keepalive_connections=0))

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request. Raises UnavailableError for where it may not go, httpx.TransportError for what fails."""
        host = self._allowed(request.url)
        silent: httpx.TransportError | None = None
        for address in self._judged(request, host)[:MAX_ADDRESSES]:
            try:
                return self._inner.handle_request(_pinned(request, host, address))
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                silent = error
        raise silent or httpx.ConnectError("The name has no address", request=request)

    def close(self) -> None:
        """Close what is open."""
        self._inner.close()

    def _allowed(self, url: httpx.URL) -> str:
        host = url.raw_host.decode("ascii").lower().removesuffix(".")
        if host not in self._hosts:
            raise _refusal(url, "it is not one of the publisher's hosts")
        if url.userinfo:
            raise _refusal(url, "the address carries a name and a password")
        if not self._outside.is_plain and url.scheme != "https":
            raise _refusal(url, "the address is not encrypted")
        if not self._outside.is_plain and url.port is not None:
            raise _refusal(url, f"port {url.port} is not the one of https")
        return host

    def _judged(self, request: httpx.Request, host: str) -> list[Address]:
        port = request.url.port or (443 if request.url.scheme == "https" else 80)
        try:
            found = [ip_address(text) for text in dict.fromkeys(self._outside.resolve(host, port))]
        except (OSError, UnicodeError) as error:
            raise httpx.ConnectError(f"The name is not found: {error}", request=request) from error
        for address in found:
            if not self._outside.is_reachable(address):
                raise _refusal(request.url, "its address is not public")
        return found


def _pinned(request: httpx.Request, host: str, address: Address) -> httpx.Request:
    """The same request to an address: for TLS it is still the name that is asked for and must be certified."""
    return httpx.Request(
        request.method,
        request.url.copy_with(host=str(address)),
        headers=request.headers,
        stream=request.stream,
        extensions={**request.extensions, "sni_hostname": host},
    )


def _refusal(url: httpx.URL, why: str) -> UnavailableError:
    host = url.raw_host.decode("ascii")
    return UnavailableError(
        f"This node does not connect to {host[:80]!r}: {why}",
        where=f"{url.scheme}://{host}{url.path}"[:200],  # what follows may be a key to a store
        do="Fetch the file by hand: lintas lists load. If the publisher did move there: lintas lists refresh --host.",
        code="not_let_out",
    )
