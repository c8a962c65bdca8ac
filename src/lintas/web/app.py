"""The pages that officers see, as one application."""

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from starlette.middleware.gzip import GZipMiddleware

from lintas.desk import pace
from lintas.desk.office import Office
from lintas.web import (
    administration,
    audit,
    cases,
    choices,
    dossiers,
    exchange,
    find,
    glass,
    inbox,
    lists,
    matches,
    matching,
    passkeys,
    profile,
    proposals,
    provider,
    refusals,
    runs,
    signing,
)
from lintas.web.bundle import STATIC
from lintas.web.doors import Doors
from lintas.web.entrance import entrance
from lintas.web.rendering import pages


def build(office: Office) -> FastAPI:
    """The pages of a node. Raises UnavailableError when styles and scripts were not built, InputError when the
    environment names an origin or an OpenID provider that is none."""
    app = FastAPI(title="Lintas", openapi_url=None, docs_url=None, redoc_url=None)
    app.state.pages = pages(office)
    app.state.entrance, app.state.pace = entrance(), pace.configured()
    for face in (
        signing,
        passkeys,
        provider,
        profile,
        choices,
        inbox,
        proposals,
        glass,
        find,
        dossiers,
        runs,
        matches,
        cases,
        matching,
        exchange,
        lists,
        audit,
        administration,
    ):
        app.include_router(face.router)
    # Only what is the same for everybody is compressed: a page that holds a person never is (BREACH).
    app.mount("/static", GZipMiddleware(StaticFiles(directory=STATIC), minimum_size=1000))
    refusals.handle(app)
    app.add_middleware(Doors, known=signing.known, refuse=refusals.refuse, broken=refusals.broken)
    return app
