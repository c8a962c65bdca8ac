"""Every route that is served, and every place on it where a request carries text. Read from the application itself."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote

import httpx
from fastapi import FastAPI, params
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic import BaseModel
from starlette.routing import BaseRoute, Mount, Route

# What a field is filled with while another one is tried; `x` for a field that is not named here.
USUAL: Mapping[str, str] = {
    "dataset": "default",
    "number": "1",
    "match": "1",
    "kind": "csv",
    "name": "un_sc",
    "prop": "name",
    "page": "1",
    "limit": "5",
    "offset": "0",
    "threshold": "0.7",
    "verdict": "ask",
    "reason": "to be looked at again",
    "column": "Full Name",
    "columns": "",
    "back": "/",
    "q": "contoh",
    "prefix": "contoh",
    "type": "Person",
    "schema": "Person",
}
# Fields that a route reads by itself, out of its declaration's sight.
OF_ITS_OWN: Mapping[str, tuple[str, ...]] = {
    "/reconcile/{dataset:path}": ("queries", "extend"),
    "/sign-in/provider/back": ("code", "state", "iss", "error", "here"),
}
QUERY = b'{"queries": {"q": {"schema": "Person", "properties": {"name": ["Ilva Strandmark"]}}}}'
DOTS = (".", "..")  # a client resolves such an address before it sends it


@dataclass(frozen=True)
class Door:
    """One way to ask: a method and a path, with the names of what can be sent."""

    method: str
    path: str
    in_path: tuple[str, ...] = ()
    in_query: tuple[str, ...] = ()
    in_form: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    takes_json: bool = False
    is_api: bool = False
    known: Mapping[str, str] = field(default_factory=dict)  # what this node has for a field, before USUAL

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def places(self) -> Iterator["Place"]:
        """Every place; one query parameter is nobody's, so that each route has some."""
        kinds = {"path": self.in_path, "query": (*self.in_query, "nobodys"), "form": self.in_form, "file": self.files}
        return (Place(self, kind, name) for kind, names in kinds.items() for name in names)

    def fill(self, name: str) -> str:
        """What stands in a field when another one is tried."""
        return self.known.get(name) or USUAL.get(name, "x")

    def address(self, **given: str) -> str:
        """The path with its parts filled in, each of them escaped whole."""
        filled = {name: quote(given.get(name, self.fill(name)), safe="") for name in self.in_path}
        return re.sub(r"{(\w+)(?::\w+)?}", lambda part: filled[part[1]], self.path)

    def usual(self, **given: str) -> Mapping[str, object]:
        """What is sent with it when it is a request as any other."""
        if self.takes_json:
            return {"content": QUERY, "headers": {"Content-Type": "application/json"}}
        fields = {name: given.get(name, self.fill(name)) for name in self.in_form}
        if self.method in ("GET", "HEAD") or not (fields or self.files):
            return {}
        files = dict.fromkeys(self.files, ("customers.csv", b"name\nNobody Atall\n"))
        return {"data": fields, **({"files": files} if files else {})}


@dataclass(frozen=True)
class Place:
    """One place on one route."""

    door: Door
    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.door} {self.kind} {self.name}"

    def request(self, client: httpx.Client, text: str) -> httpx.Request:
        """The request with `text` in this place and the usual in all others."""
        door, given = self.door, {self.name: f"{text}x" if text in DOTS else text}
        sent: dict[str, Any] = dict(door.usual(**(given if self.kind == "form" else {})))
        if self.kind == "file":
            sent["files"] = {self.name: (text or "x", f"name,{text}\n{text},x\n".encode("utf-8", "replace"))}
        if self.kind == "query":
            sent["params"] = {self.name: text}
        return client.build_request(door.method, door.address(**(given if self.kind == "path" else {})), **sent)


def doors(app: FastAPI, **known: str) -> list[Door]:
    """Every route of an application and of those mounted in it. `known`: what the node has for some fields."""
    return [replace(door, known=known) for door in _doors(app, is_api=True)]


def _doors(app: FastAPI, *, is_api: bool) -> Iterator[Door]:
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        if isinstance(route, Mount) and isinstance(route.app, FastAPI):
            yield from _doors(route.app, is_api=False)
        elif isinstance(route, APIRoute):
            for method in sorted(route.methods or ()):
                yield _door(route, method, is_api=is_api)
        elif isinstance(route, Route):
            yield Door("GET", route.path, is_api=is_api)
        else:
            yield Door("GET", f"{_path(route)}/nothing.js")


def _path(route: BaseRoute) -> str:
    assert isinstance(route, Mount)
    return route.path


def _door(route: APIRoute, method: str, *, is_api: bool) -> Door:
    parts = list(_flat(route.dependant))
    form = [one for part in parts for one in part.body_params if isinstance(one.field_info, params.Form)]
    is_file = {one.alias: isinstance(one.field_info, params.File) for one in form}
    its_own = OF_ITS_OWN.get(route.path, ())
    body = (route.openapi_extra or {}).get("requestBody", {}).get("content", {})
    return Door(
        method,
        route.path,
        tuple(one.alias for part in parts for one in part.path_params),
        tuple(
            dict.fromkeys((*(name for part in parts for name in _names(part)), *(its_own if method == "GET" else ())))
        ),
        (*(name for name in is_file if not is_file[name]), *(its_own if method == "POST" else ())),
        tuple(name for name in is_file if is_file[name]),
        "application/json" in body,
        is_api,
    )


def _flat(dependant: Dependant) -> Iterator[Dependant]:
    yield dependant
    for one in dependant.dependencies:
        yield from _flat(one)


def _names(part: Dependant) -> Iterator[str]:
    for one in part.query_params:
        shape = one.field_info.annotation
        if isinstance(shape, type) and issubclass(shape, BaseModel):
            yield from (about.alias or name for name, about in shape.model_fields.items())
        else:
            yield one.alias
