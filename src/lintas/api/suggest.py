"""What OpenRefine proposes while somebody types: entities, types and properties."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from lintas.api.answer import Answer
from lintas.api.asking import Node, RefiningAsker
from lintas.api.refining import ANYTHING, typed
from lintas.desk import screening
from lintas.model.entity import schema_of

router = APIRouter(tags=["Reconciliation"])
N_WORDS = 5  # types or properties proposed at once, as with yente
MAX_PROPERTIES = 10_000  # no schema has so many
Limit = Annotated[int, Query(ge=0, le=screening.MAX_RESULTS)]


@router.get("/reconcile/{dataset:path}/suggest/entity", summary="Suggest entities")
def entity(office: Node, officer: RefiningAsker, dataset: str, prefix: str = "", limit: Limit = 10) -> Answer:
    """Entities that the text may mean; none for an empty text."""
    found = screening.search(office, officer, prefix, dataset=dataset, limit=limit if prefix.strip() else 0)
    result = []
    for document in found.documents:
        types = [typed(document["schema"])]
        # The specification says `notable`, yente says `type`.
        words = {"description": schema_of(document["schema"]).label, "type": types, "notable": types}
        result.append({"id": document["id"], "name": document["caption"], **words})
    return _suggested(prefix, result, is_fictional=found.is_fictional)


@router.get("/reconcile/{dataset:path}/suggest/type", summary="Suggest types")
def kind(office: Node, officer: RefiningAsker, dataset: str, prefix: str = "") -> Answer:
    """Schemata whose name begins with the text."""
    known = screening.schemata(office, officer, dataset)
    found = [typed(name) for name in known if _begins(prefix, name, schema_of(name).label)]
    return _suggested(prefix, found[:N_WORDS])


@router.get("/reconcile/{dataset:path}/suggest/property", summary="Suggest properties")
def prop(office: Node, officer: RefiningAsker, dataset: str, prefix: str = "") -> Answer:
    """Properties whose name begins with the text."""
    found: dict[str, dict[str, Any]] = {}
    for name in screening.schemata(office, officer, dataset):
        for rule in schema_of(name).properties.values():
            if not rule.hidden and rule.type.name != "entity" and _begins(prefix, rule.name, rule.label):
                found[rule.qname] = {"id": rule.qname, "name": rule.label, "description": rule.description or ""}
    return _suggested(prefix, list(found.values())[:N_WORDS])


@router.get("/reconcile/{dataset:path}/extend/property", summary="Propose properties to add")
def extend(
    officer: RefiningAsker,
    dataset: str,
    type: str = ANYTHING,
    limit: Annotated[int, Query(ge=0, le=MAX_PROPERTIES)] = 0,
) -> Answer:
    """Properties of a schema whose values can be added to the rows, the usual ones first; 0 for all."""
    schema = schema_of(type)
    usual = [rule for name in schema.featured if (rule := schema.get(name)) is not None]
    others = [rule for rule in schema.properties.values() if not rule.hidden and rule.type.name != "entity"]
    found = {rule.name: {"id": rule.name, "name": rule.label} for rule in (*usual, *others)}
    properties = sorted(list(found.values())[: limit or None], key=lambda one: str(one["name"]))
    return Answer({"limit": limit, "type": schema.name, "properties": properties})


def _suggested(prefix: str, result: list[dict[str, Any]], *, is_fictional: bool = False) -> Answer:
    body = {"code": "/api/status/ok", "status": "200 OK", "prefix": prefix, "result": result}
    return Answer(body, is_fictional=is_fictional)


def _begins(prefix: str, *labels: str) -> bool:
    wanted = prefix.strip().casefold()
    return bool(wanted) and any(label.casefold().startswith(wanted) for label in labels)
