"""The Reconciliation API 0.2, which OpenRefine speaks: rows of a spreadsheet beside the lists."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from pydantic import Field

from lintas.api.algorithms import BEST, check
from lintas.api.answer import Answer
from lintas.api.asking import Node, RefiningAsker
from lintas.api.parameters import Scope, Share
from lintas.api.reading import form_of, read, strict_json
from lintas.api.refining import SETTINGS, Extension, Row, typed
from lintas.desk import dossier, screening
from lintas.desk.office import Office
from lintas.model.entity import property_of, schema_of
from lintas.model.errors import InputError, TooLargeError
from lintas.model.match import Match
from lintas.model.officer import Officer

router = APIRouter(tags=["Reconciliation"])
BATCH = 20  # rows that OpenRefine is asked to send at a time
ANY = 0.0001  # people choose among the candidates of a row, so that weak ones come back too


class ReconcileParameters(Scope):
    """Of /reconcile."""

    algorithm: str = BEST
    threshold: Share = Field(default=screening.THRESHOLD, description="A score equal to it is a match")


async def _fields(request: Request, _: RefiningAsker) -> Mapping[str, str]:
    """`queries` and `extend`, from the form and from the address."""
    sent = await form_of(request) if request.method == "POST" else {}
    return {name: value for name, value in {**request.query_params, **sent}.items() if value.strip()}


@router.get("/reconcile/{dataset:path}", summary="Reconciliation manifest, or queries")
@router.post("/reconcile/{dataset:path}", summary="Reconciliation queries")
def reconcile(
    request: Request,
    office: Node,
    officer: RefiningAsker,
    dataset: str,
    fields: Annotated[Mapping[str, str], Depends(_fields)],
    given: Annotated[ReconcileParameters, Query()],
) -> Answer:
    """With `queries`: candidates for each row. With `extend`: values of entities. With neither: the manifest."""
    if "extend" in fields:
        wanted = read(Extension, strict_json(fields["extend"]))
        documents = dossier.documents(office, officer, _few(wanted.ids))
        is_fictional = any(one["is_fictional"] for one in documents.values())
        return _answer(_extended(wanted, documents), len(wanted.ids), is_fictional=is_fictional)
    if "queries" in fields:
        check(given.algorithm)
        return _reconciled(office, officer, dataset, strict_json(fields["queries"]), given)
    if request.method == "POST":
        raise InputError("Neither queries nor extend were sent", do="Send one of them in the form.", code="no_query")
    return _answer(_manifest(request, dataset, screening.schemata(office, officer, dataset)))


def _reconciled(office: Office, officer: Officer, dataset: str, sent: Any, given: ReconcileParameters) -> Answer:
    if not isinstance(sent, dict):
        raise InputError("queries is no object", do='Send {"q0": {"query": "..."}}.', code="bad_queries")
    rows = {key: read(Row, row) for key, row in sent.items()}
    limit = max((row.limit for row in rows.values()), default=0)
    options = screening.Options(dataset, given.filters(), given.threshold, ANY, limit, is_lenient=True)
    answers = screening.match(office, officer, [row.question() for row in rows.values()], options)
    body = {
        key: {"result": [_candidate(found) for found in answer.matches[: row.limit]]}
        for (key, row), answer in zip(rows.items(), answers, strict=True)
    }
    return _answer(body, len(body), is_fictional=answers[0].is_fictional)


def _candidate(found: Match) -> dict[str, Any]:
    return {
        "id": found.entity_id,
        "name": found.caption,
        "description": schema_of(found.schema).label,
        "type": [typed(found.schema)],
        "score": found.score,
        "match": found.is_match,
        "features": [{"id": reason.feature, "value": reason.contribution} for reason in found.reasons],
    }


def _extended(wanted: Extension, documents: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    meta: dict[str, dict[str, str]] = {}
    rows: dict[str, dict[str, list[dict[str, str]]]] = {entity_id: {} for entity_id in wanted.ids}
    for entity_id, document in documents.items():
        for one in wanted.properties:
            if schema_of(document["schema"]).get(one.id) is None:
                continue
            rule = property_of(document["schema"], one.id)
            meta[one.id] = {"id": one.id, "name": rule.label}
            values = document["properties"].get(one.id, [])[: one.settings.limit or None]
            if one.settings.render == "caption":
                values = [rule.type.caption(value) or value for value in values]
            rows[entity_id][one.id] = [{"str": value} for value in values]
    return {"meta": list(meta.values()), "rows": rows}


def _few(ids: list[str]) -> list[str]:
    if len(ids) > screening.MAX_QUERIES:
        raise TooLargeError(
            f"{len(ids)} entities in one call", do=f"Send at most {screening.MAX_QUERIES}.", code="too_many_queries"
        )
    return ids


def _manifest(request: Request, dataset: str, schemata: tuple[str, ...]) -> dict[str, Any]:
    base = str(request.base_url).rstrip("/")
    key = f"?{request.url.query}" if request.url.query else ""  # so that OpenRefine goes on sending it
    here = f"{base}/reconcile/{dataset}"

    def service(path: str) -> dict[str, str]:
        return {"service_url": here, "service_path": f"{path}{key}"}

    return {
        "versions": ["0.2"],
        "name": f"Lintas: {dataset}",
        "identifierSpace": f"{base}/entities/",
        "schemaSpace": "https://followthemoney.tech/explorer/schemata/",
        "documentation": f"{base}/openapi.json",
        "batchSize": BATCH,
        "view": {"url": f"{base}/dossiers/{{{{id}}}}"},
        "suggest": {kind: service(f"/suggest/{kind}") for kind in ("entity", "type", "property")},
        # The specification says `property_settings`, yente says `propose_settings`.
        "extend": {
            "propose_properties": service("/extend/property"),
            "property_settings": SETTINGS,
            "propose_settings": SETTINGS,
        },
        "defaultTypes": [typed(schema) for schema in schemata],
    }


def _answer(body: Any, n: int | None = None, *, is_fictional: bool = False) -> Answer:
    headers = {} if n is None else {"x-batch-size": str(n)}
    return Answer(body, headers=headers, is_fictional=is_fictional)
