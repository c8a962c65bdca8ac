"""For the machines that watch this one. Nobody signs in for it, and it says nothing of what the node holds."""

from fastapi import APIRouter

from lintas.api.answer import Answer
from lintas.api.asking import Node
from lintas.api.shapes import Status
from lintas.desk import health

router = APIRouter(tags=["System information"])


@router.get("/healthz", summary="Is it up", responses={200: {"model": Status}})
async def healthz() -> Answer:
    """The process answers."""
    return Answer({"status": "ok"})


@router.get("/readyz", summary="Can it screen", responses={200: {"model": Status}, 503: {"model": Status}})
def readyz(office: Node) -> Answer:
    """At least one list is loaded and the index is open and warm."""
    ready = health.readiness(office)
    if ready.is_ready:
        return Answer({"status": "ok"})
    return Answer({"status": "not_ready", "detail": f"Not ready: {ready.words}"}, status_code=503)
