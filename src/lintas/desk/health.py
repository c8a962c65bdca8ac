"""Whether this node can answer at all. Asked by machines that watch it, so nobody signs in for it."""

from dataclasses import dataclass
from functools import lru_cache

from lintas.desk import lookup
from lintas.desk.office import Office
from lintas.model.filters import Filters
from lintas.screening import matcher
from lintas.screening.index import Index
from lintas.screening.query import subject
from lintas.store import lists


@dataclass(frozen=True)
class Readiness:
    """`words` says what is missing while it is not ready."""

    is_ready: bool
    words: str


def readiness(office: Office) -> Readiness:
    """Ready: at least one list is loaded, and the index of the lists as they are now is open and was used once."""
    with office.database.read() as connection:
        versions = lists.current(connection)
    if not versions:
        return Readiness(False, "no list is loaded")
    if not lookup.is_built(office, versions):
        return Readiness(False, "the index is being built")
    warm(office)
    return Readiness(True, "ok")


def warm(office: Office) -> None:
    """Open the index, build it when nobody did yet, and screen two made-up names, so that the next query is fast."""
    _use_once(lookup.current(office).index)


@lru_cache(maxsize=2)
def _use_once(index: Index) -> None:
    for schema, name in (("Person", "Warm Up"), ("Company", "Warm Up Trading Limited")):
        asked = subject(schema, {"name": [name], "country": ["zz"]})
        matcher.match(index, [matcher.Query(asked, Filters(schema=schema))], {})
