"""Where browsers find this node: what passkeys are bound to, and where an OpenID provider sends an officer back."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import urlsplit

from lintas.model.errors import InputError

SETTING = "LINTAS_ORIGIN"
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Origin:
    """Scheme, host and port, as RFC 6454 has them. As text: https://node.example or http://localhost:8000."""

    scheme: str
    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}" + ("" if self.port == _PORTS[self.scheme] else f":{self.port}")

    @property
    def is_loopback(self) -> bool:
        """Whether it is this machine."""
        address = _address(self.host)
        return self.host == "localhost" or (address is not None and address.is_loopback)

    @property
    def is_private(self) -> bool:
        """Whether nobody on the way can read along: encrypted, or on this machine."""
        return self.scheme == "https" or self.is_loopback

    @property
    def has_name(self) -> bool:
        """Whether its host has a name: a passkey cannot be for an IP address (WebAuthn level 3, 5.4.2)."""
        return _address(self.host) is None


def configured(environment: Mapping[str, str] | None = None) -> Origin | None:
    """What LINTAS_ORIGIN says; None when it says nothing. Raises InputError when that is no origin."""
    text = (os.environ if environment is None else environment).get(SETTING, "")
    if not text:
        return None
    origin, parts = read(text), urlsplit(text)
    if origin is None or not origin.is_private or parts.path not in ("", "/") or parts.query or parts.fragment:
        raise InputError(
            f"{SETTING} is not the address of a node",
            where=text[:200],
            do="Write scheme, name and port as browsers show them, such as https://node.example.",
            code="bad_origin",
        )
    return origin


def read(address: str) -> Origin | None:
    """The origin of an address; None when it has none."""
    try:
        parts = urlsplit(address)
        port = parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        return None
    is_one = parts.scheme in _PORTS and parts.hostname and parts.username is None and address.isascii()
    return Origin(parts.scheme, parts.hostname or "", port) if is_one else None


def of_request(known: Origin | None, scheme: str, host: str) -> Origin | None:
    """The origin that a request reached: the configured one, else a loopback one that it names itself.

    None for any other name: what a request says of its host is the sender's word.
    """
    if known is not None:
        return known
    named = read(f"{scheme}://{host}")
    return named if named is not None and named.is_loopback else None


def _address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None
