"""Every route of a served node, read from the applications themselves."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from fastapi import FastAPI

from lintas.cli.serving import application
from lintas.desk.office import Office


class Route(NamedTuple):
    """A method and the path it is for, with its parameters in braces."""

    face: str  # api or web
    method: str
    path: str

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def routes(office: Office) -> list[Route]:
    """Every route of the API and of the pages; static files and the API's own description apart."""
    app = application(office)
    found = [*_of(app, "api")]
    for mount in app.routes:
        if isinstance(inner := getattr(mount, "app", None), FastAPI):
            found += _of(inner, "web")
    return sorted(set(found))


def _of(app: FastAPI, face: str) -> Iterator[Route]:
    described = {app.openapi_url, app.docs_url, app.redoc_url, app.swagger_ui_oauth2_redirect_url}
    for route in _leaves(app.routes):
        if route.path not in described:
            for method in sorted(route.methods - {"HEAD", "OPTIONS"}):
                yield Route(face, method, route.path)


def _leaves(held: Any) -> Iterator[Any]:
    for route in held:
        if getattr(route, "methods", None):
            yield route
        elif (router := getattr(route, "original_router", None)) is not None:
            yield from _leaves(router.routes)
