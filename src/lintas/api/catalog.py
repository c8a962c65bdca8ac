"""Which lists this node holds."""

from typing import Any

from fastapi import APIRouter

from lintas.api.answer import Answer
from lintas.api.asking import Asker, Node
from lintas.api.shapes import Catalog
from lintas.desk import intake
from lintas.desk.lookup import DEFAULT
from lintas.model.listing import ListSource, ListVersion

router = APIRouter(tags=["Data access"])


@router.get("/catalog", summary="Lists", responses={200: {"model": Catalog}})
@router.get("/manifest", include_in_schema=False)
def catalog(office: Node, officer: Asker) -> Answer:
    """Every list that is loaded, its version, and `default`, which is all of them."""
    loaded = [(one.source, one.version) for one in intake.status(office, officer) if one.version]
    names = [source.name for source, _ in loaded]
    datasets = [_dataset(source, version) for source, version in loaded]
    if loaded:
        datasets.append(_all_of([version for _, version in loaded]))
        names.append(DEFAULT)
    body = {"datasets": datasets, "current": names, "outdated": [], "index_stale": False}
    return Answer(body, is_fictional=any(version.is_fictional for _, version in loaded))


def _dataset(source: ListSource, version: ListVersion) -> dict[str, Any]:
    return {
        "name": source.name,
        "title": source.title,
        "url": source.homepage,
        "license": source.licence,
        "publisher": {"name": source.publisher, "url": source.homepage},
        "entity_count": version.n_entities,
        "target_count": version.n_entries,
        "coverage": {"end": version.published_at},
        "is_fictional": version.is_fictional,
        "load": True,
        "children": [],
        **_version([version]),
    }


def _all_of(versions: list[ListVersion]) -> dict[str, Any]:
    return {
        "name": DEFAULT,
        "title": "All lists of this node",
        "type": "collection",
        "is_fictional": any(version.is_fictional for version in versions),
        "load": True,
        "children": [version.list for version in versions],
        **_version(versions),
    }


def _version(versions: list[ListVersion]) -> dict[str, Any]:
    """A version as yente writes it: the time of loading and a mark of the content."""
    newest = max(versions, key=lambda version: version.loaded_at)
    mark = f"{newest.loaded_at:%Y%m%d%H%M%S}-{newest.content_sha256[:3]}"
    at = f"{newest.loaded_at:%Y-%m-%dT%H:%M:%S}"
    return {"version": mark, "index_version": mark, "index_current": True, "updated_at": at, "last_change": at}
