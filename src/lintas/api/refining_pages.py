"""OpenRefine asks /reconcile from its own page, which another server gave out: its browser must be told that it may."""

import os
from collections.abc import Mapping

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lintas.desk import origin
from lintas.desk.origin import Origin
from lintas.model.errors import InputError

SETTING = "LINTAS_OPENREFINE"
START = "http://127.0.0.1:3333,http://localhost:3333"  # where OpenRefine serves itself (its manual, "Running")
PATHS = "/reconcile/"


class RefiningPages:
    """ASGI middleware: pages of these origins, and of no other, may read what /reconcile answers. No cookie counts."""

    def __init__(self, app: ASGIApp, origins: frozenset[Origin]) -> None:
        self.app = app
        self.origins = origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        theirs = Headers(scope=scope).get("origin", "") if scope["type"] == "http" else ""
        if not (theirs and scope["path"].startswith(PATHS) and origin.read(theirs) in self.origins):
            await self.app(scope, receive, send)
            return

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                held = MutableHeaders(scope=message)
                held["Access-Control-Allow-Origin"] = theirs
                held.add_vary_header("Origin")
            await send(message)

        await self.app(scope, receive, sent)


def configured(environment: Mapping[str, str] | None = None) -> frozenset[Origin]:
    """The origins that the environment names. Raises InputError for what is none."""
    text = (os.environ if environment is None else environment).get(SETTING, START)
    found = {name.strip(): origin.read(name.strip()) for name in text.split(",") if name.strip()}
    for name, one in found.items():
        if one is None or str(one) != name:
            raise InputError(
                f"{SETTING} holds what is no address of OpenRefine",
                where=name[:200],
                do="Write scheme, name and port with commas between, such as http://127.0.0.1:3333.",
                code="bad_origin",
            )
    return frozenset(one for one in found.values() if one is not None)
