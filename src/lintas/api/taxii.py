"""TAXII 2.1 (OASIS Standard, 10 June 2021): systems that agencies run already pull and push STIX here.

It is described by its own standard and by what it says at /taxii2/, and therefore not in /openapi.json.
"""

from urllib.parse import quote

from fastapi import APIRouter, Request, Response

from lintas.api.asking import Node
from lintas.api.taxii_asking import Caller, Query, Sent
from lintas.api.taxii_errors import TaxiiAnswer, TaxiiRoute
from lintas.desk import taxii, taxii_writing
from lintas.model.taxii import Page

router = APIRouter(route_class=TaxiiRoute, include_in_schema=False)
ONE = "/{root:root}/collections/{collection}/"
OBJECT = ONE + "objects/{object_id}/"


@router.get("/taxii2/")
def discovery(office: Node, officer: Caller) -> Response:
    """What the server says of itself."""
    return TaxiiAnswer(taxii.discovery(office, officer))


@router.get("/{root:root}/")
def show_root(office: Node, officer: Caller, root: str) -> Response:
    """What a root says of itself."""
    return TaxiiAnswer(taxii.root(office, officer, root))


@router.get("/{root:root}/status/{status}/")
def status(office: Node, officer: Caller, root: str, status: str) -> Response:
    """What became of what was sent."""
    return TaxiiAnswer(taxii.status(office, officer, root, status))


@router.get("/{root:root}/collections/")
def collections(office: Node, officer: Caller, root: str) -> Response:
    """The collections of a root."""
    return TaxiiAnswer(taxii.collections(office, officer, root))


@router.get(ONE)
def show_collection(office: Node, officer: Caller, root: str, collection: str) -> Response:
    """One collection."""
    return TaxiiAnswer(taxii.collection(office, officer, root, collection))


@router.get(ONE + "manifest/")
def manifest(office: Node, officer: Caller, root: str, collection: str, query: Query) -> Response:
    """What is in a collection."""
    return _paged(taxii.manifest(office, officer, root, collection, query))


@router.get(ONE + "objects/")
def objects(office: Node, officer: Caller, root: str, collection: str, query: Query) -> Response:
    """The objects of a collection."""
    return _paged(taxii.objects(office, officer, root, collection, query))


@router.post(ONE + "objects/")
def add(office: Node, officer: Caller, root: str, collection: str, sent: Sent) -> Response:
    """Add objects; the answer is their status."""
    return TaxiiAnswer(taxii_writing.add(office, officer, root, collection, sent), status_code=202)


@router.get(OBJECT)
def show_object(office: Node, officer: Caller, root: str, collection: str, object_id: str, query: Query) -> Response:
    """One object."""
    return _paged(taxii.object_(office, officer, root, collection, object_id, query))


@router.delete(OBJECT)
def remove(office: Node, officer: Caller, root: str, collection: str, object_id: str, query: Query) -> Response:
    """Remove versions of an object."""
    taxii_writing.remove(office, officer, root, collection, object_id, query)
    return Response(media_type=TaxiiAnswer.media_type)


@router.get(OBJECT + "versions/")
def versions(office: Node, officer: Caller, root: str, collection: str, object_id: str, query: Query) -> Response:
    """The versions of an object."""
    return _paged(taxii.versions(office, officer, root, collection, object_id, query))


@router.api_route("/{root:root}/{rest:unended}", methods=["GET", "POST", "DELETE"])
def end(request: Request, officer: Caller, root: str, rest: str) -> Response:
    """Every address of TAXII ends with a slash (3.5): whoever forgot it is sent there."""
    query = f"?{request.url.query}" if request.url.query else ""
    return Response(status_code=308, headers={"Location": f"/{root}/{quote(rest)}/{query}"})


def _paged(page: Page) -> Response:
    answer = TaxiiAnswer(page.resource)
    for name, at in (("First", page.first), ("Last", page.last)):
        if at is not None:
            answer.headers[f"X-TAXII-Date-Added-{name}"] = taxii.written(at)
    return answer
