"""Who asks over TAXII, and for what: an account's name and secret or a token, a media type, a query, a body."""

import re
from base64 import b64decode
from typing import Annotated

from fastapi import Depends, Request
from starlette.convertors import Convertor, register_url_convertor

from lintas.api.asking import SCHEMES, Node
from lintas.api.reading import body_of
from lintas.desk import sessions, taxii, taxii_accounts
from lintas.desk.taxii_loading import RESERVED
from lintas.model.errors import InputError
from lintas.model.officer import Officer


class RootName(Convertor[str]):
    """The name of an API root in an address; never one that a page of this node has."""

    regex = rf"(?!(?:{'|'.join(map(re.escape, sorted(RESERVED)))})/)[a-z0-9][a-z0-9_.-]{{0,63}}"

    def convert(self, value: str) -> str:
        """As it stands there."""
        return value

    def to_string(self, value: str) -> str:
        """As it stands there."""
        return value


class Unended(RootName):
    """What is asked of a root, without the slash at its end."""

    regex = r"(?:collections|status)(?:/.*)?(?<!/)"


register_url_convertor("root", RootName())
register_url_convertor("unended", Unended())


def _officer(request: Request, office: Node) -> Officer:
    scheme, _, said = request.headers.get("authorization", "").strip().partition(" ")
    if scheme.lower() == "basic":
        officer = taxii_accounts.holder(office, *_basic(said.strip()))
    elif scheme.lower() in SCHEMES:
        officer = sessions.holder(office, said.strip(), "token")
    else:
        raise taxii_accounts.not_let_in()
    request.app.state.pace.take(officer.id)
    return officer


def _basic(said: str) -> tuple[str, str]:
    """Name and secret (RFC 7617). Raises SignInError."""
    try:
        name, colon, secret = b64decode(said, validate=True).decode().partition(":")
        if not colon:
            raise ValueError
    except ValueError as error:
        raise taxii_accounts.not_let_in() from error
    return name, secret


def _caller(request: Request, officer: Annotated[Officer, Depends(_officer)]) -> Officer:
    """Who asks, when they take what is answered here."""
    if not taxii.is_accepted(request.headers.get("accept")):
        raise InputError(
            "Only version 2.1 of TAXII is spoken here",
            do=f"Send Accept: {taxii.MEDIA_TYPE}.",
            code="not_acceptable",
        )
    return officer


async def _sent(request: Request, officer: Annotated[Officer, Depends(_caller)]) -> bytes:
    if not taxii.is_taxii(request.headers.get("content-type")):
        raise InputError(
            "The body is not said to be TAXII of version 2.1",
            do=f"Send Content-Type: {taxii.MEDIA_TYPE}.",
            code="bad_content_type",
        )
    return await body_of(request)


async def _query(request: Request) -> dict[str, str]:
    """The parameters; of one that is there twice all values, with commas between."""
    names = dict.fromkeys(request.query_params)
    return {name: ",".join(request.query_params.getlist(name)) for name in names}


Caller = Annotated[Officer, Depends(_caller)]
Sent = Annotated[bytes, Depends(_sent)]
Query = Annotated[dict[str, str], Depends(_query)]
