"""The door for other nodes. An envelope proves itself: whoever carries it needs no token."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from lintas.api.answer import Answer
from lintas.api.asking import Node
from lintas.api.reading import body_of
from lintas.api.shapes import Error, HandedIn
from lintas.desk import inward

router = APIRouter(tags=["Exchange"])
STATUS = {"kept": 200, "unknown_peer": 403, "revoked_peer": 403}  # of what was refused otherwise: 400
_BODY = {"required": True, "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}


async def _parcel(request: Request) -> bytes:
    request.app.state.pace.take(f"exchange {request.client.host if request.client else ''}")
    return await body_of(request)


@router.post(
    "/exchange/messages",
    summary="Hand in an envelope",
    openapi_extra={"requestBody": _BODY},
    responses={**{status: {"model": HandedIn} for status in (200, 400, 403)}, 413: {"model": Error}},
)
def hand_in(office: Node, parcel: Annotated[bytes, Depends(_parcel)]) -> Answer:
    """Another node hands in an envelope; the same one may be handed in again, and gets the same receipt."""
    told = inward.receive(office, parcel)
    return Answer({"code": told.code, "receipt": told.receipt}, status_code=STATUS.get(told.code, 400))
