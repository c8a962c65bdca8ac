"""The door for other nodes. An envelope proves itself: whoever carries it needs no token.

At a port of its own (`app.state.is_pinned`) a certificate is shown, too, and its holder hands in what is its own.
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from lintas.api.answer import Answer
from lintas.api.asking import Node
from lintas.api.reading import MAX_BODY_BYTES, body_of
from lintas.api.shapes import Error, HandedIn
from lintas.desk import inward, line, pouches
from lintas.desk.inward import Carrier

router = APIRouter(tags=["Exchange"])
STATUS = {
    "kept": 200,
    "unknown_peer": 403,
    "revoked_peer": 403,
    "suspended_peer": 403,
    "other_carrier": 403,
}  # of what was refused otherwise: 400
_BYTES = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
_BODY = {"required": True, "content": _BYTES}


async def _parcel(request: Request) -> bytes:
    return await _handed_in(request, MAX_BODY_BYTES)


async def _pouch(request: Request) -> bytes:
    return await _handed_in(request, pouches.MAX_BYTES)


async def _handed_in(request: Request, most: int) -> bytes:
    request.app.state.pace.take(f"exchange {request.client.host if request.client else ''}")
    return await body_of(request, most)


def _carrier(request: Request, office: Node) -> Carrier:
    if not request.app.state.is_pinned:
        return None
    return line.holders(office, getattr(request.state, "certificate", None) or b"")


@router.post(
    "/exchange/messages",
    summary="Hand in an envelope",
    openapi_extra={"requestBody": _BODY},
    responses={**{status: {"model": HandedIn} for status in (200, 400, 403)}, 413: {"model": Error}},
)
def hand_in(
    office: Node, parcel: Annotated[bytes, Depends(_parcel)], carrier: Annotated[Carrier, Depends(_carrier)]
) -> Answer:
    """Another node hands in an envelope; the same one may be handed in again, and gets the same receipt."""
    told = inward.receive(office, parcel, carrier)
    return Answer({"code": told.code, "receipt": told.receipt}, status_code=STATUS.get(told.code, 400))


@router.post(
    "/exchange/pouches",
    summary="Hand in a pouch, and fetch what waits",
    openapi_extra={"requestBody": _BODY},
    response_class=Response,
    responses={200: {"content": _BYTES}, **{status: {"model": Error} for status in (400, 413)}},
)
def exchange_pouches(
    office: Node, handed: Annotated[bytes, Depends(_pouch)], carrier: Annotated[Carrier, Depends(_carrier)]
) -> Response:
    """A node that opens no port hands in what it has, and gets what waits for it here."""
    return Response(pouches.handed_in(office, handed, carrier), media_type="application/octet-stream")
