"""The API of a node. A drop-in for yente 5.5: its clients need another address and a token."""

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI

from lintas.api import (
    algorithms,
    catalog,
    entities,
    errors,
    exchange,
    health,
    match,
    metrics,
    reconcile,
    refining_pages,
    search,
    suggest,
    taxii,
)
from lintas.api.headers import Closed
from lintas.api.refining_pages import RefiningPages
from lintas.api.watching import Watching
from lintas.desk import pace
from lintas.desk.health import warm
from lintas.desk.office import Office

DESCRIPTION = """
Screening against the lists that this node holds, as **yente 5.5** speaks it, so that its clients, among them
`yente-client`, need another address and a token only: `Authorization: ApiKey TOKEN` or `Bearer TOKEN`
(`lintas tokens create`). OpenRefine, which sends no headers, writes `?api_key=TOKEN` behind the address of /reconcile.

What is different, on purpose:

* A score **equal** to `threshold` is a match and comes back, in /match and in /reconcile. (yente calls it a match
  and drops it.)
* There is one scorer. `algorithm` takes `best`, its name, and yente's names, so that callers who send one keep
  working; /algorithms says so, and lists its features. Scores are therefore not those of yente.
* `explanations` carry the features that spoke for or against: `detail` says each in words, with what it added to
  the score. These parts add up to the score.
* What a query says and nobody understood (a date that is none, a property of another schema) stands in `problems`
  beside its results; yente drops it in silence.
* `config` must be empty, `weights` name features of this scorer.
* `include_dataset` beside one list asks those lists as well, as the documentation of `yente-client` has it. Beside
  `default` it keeps to them. A list that is not loaded is a 404 here and never an empty answer.
* /search looks through names, numbers and ids, in any spelling. It has no query syntax and reads no addresses;
  `fuzzy` and `simple` are accepted.
* The lists are not merged: there are no referents and no redirects.
* Answers about fictional lists, which are for training, carry the header `X-Lintas-Fictional: true`; so do their
  entities in `is_fictional`.
* An error is `{"detail", "code", "where", "do"}`. `detail` is one sentence, `code` is stable.
"""

PARTS = (
    match,
    search,
    entities,
    catalog,
    algorithms,
    health,
    metrics,
    suggest,
    reconcile,
    exchange,
    taxii,
)  # /reconcile/... before /reconcile


def build_exchange(office: Office, meter: metrics.Meter) -> FastAPI:
    """The door for other nodes alone, for a port of its own where both sides show a certificate."""
    app = FastAPI(title="Lintas", openapi_url=None)
    app.state.is_pinned = True
    _furnish(app, office, meter)
    app.include_router(exchange.router)
    return app


def build(office: Office, *, lifespan: Any = None, has_exchange: bool = True) -> FastAPI:
    """The API of an open node. `lifespan`: what else lives as long as it does.

    `has_exchange`: with the door for other nodes; without when that has a port of its own.
    """

    @asynccontextmanager
    async def living(app: FastAPI) -> AsyncIterator[None]:
        # Not waited for: /healthz answers meanwhile, and /readyz says what is missing.
        warming = threading.Thread(target=warm, args=(office,), name="lintas-warm", daemon=True)
        warming.start()
        async with lifespan(app) if lifespan else nullcontext():
            yield
        warming.join(timeout=10)

    # No /docs: its page takes scripts from another host, and they would act in this node's name.
    app = FastAPI(
        title="Lintas",
        version=version("lintas"),
        description=DESCRIPTION,
        lifespan=living,
        docs_url=None,
        redoc_url=None,
        responses=errors.ANSWERS,
    )
    app.state.is_pinned = False
    app.add_middleware(RefiningPages, origins=refining_pages.configured())
    _furnish(app, office, metrics.Meter())
    for part in PARTS:
        if has_exchange or part is not exchange:
            app.include_router(part.router)
    return app


def _furnish(app: FastAPI, office: Office, meter: metrics.Meter) -> None:
    """What every application of the node has."""
    app.state.office, app.state.meter, app.state.pace = office, meter, pace.configured()
    app.add_middleware(Closed, broken=errors.unforeseen)
    app.add_middleware(Watching, meter=meter)
    errors.install(app)
