"""The filters of TAXII in SQL against the same in plain words, page by page."""

from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from lintas.desk.office import Office
from lintas.model.taxii import ALL, FIRST, LAST, Place, Version, Wanted
from lintas.store import taxii_objects as held
from lintas.store.tables import taxii_objects

START = datetime(2026, 1, 1, tzinfo=UTC)
IDS = ("indicator--a", "indicator--b", "malware--a")


def moment(n: int) -> datetime:
    return START + timedelta(microseconds=n)


@st.composite
def versions(draw: st.DrawFn) -> list[Version]:
    keys = draw(st.lists(st.tuples(st.sampled_from(IDS), st.integers(0, 4)), unique=True, max_size=12))
    return [_version(id, n, draw(st.sampled_from(["2.0", "2.1"])), draw(st.integers(0, 3))) for id, n in keys]


def _version(id: str, n: int, spec: str, added: int) -> Version:
    at = moment(n)
    return Version(id, id.partition("--")[0], spec, at.isoformat(), at, moment(added), f"stix {spec}", {"n": n})


wanteds = st.builds(
    Wanted,
    ids=st.lists(st.sampled_from(IDS), max_size=2, unique=True).map(tuple),
    types=st.sampled_from([(), ("indicator",), ("malware",), ("none",)]),
    words=st.frozensets(st.sampled_from([FIRST, LAST, ALL]), min_size=1),
    versions=st.lists(st.integers(0, 4).map(moment), max_size=2).map(tuple),
    spec_versions=st.sampled_from([(), ("2.0",), ("2.1",), ("2.0", "2.1")]),
    added_after=st.none() | st.integers(-1, 4).map(moment),
)


def chosen(kept: list[Version], wanted: Wanted) -> list[Version]:
    """As the standard says it: every filter, then which versions of what is left."""
    left = [
        one
        for one in kept
        if (not wanted.ids or one.id in wanted.ids)
        and (not wanted.types or one.type in wanted.types)
        and (wanted.added_after is None or one.added_at > wanted.added_after)
        and (
            one.spec_version in wanted.spec_versions
            if wanted.spec_versions
            else one.spec_version == max(other.spec_version for other in kept if other.id == one.id)
        )
    ]

    def is_wanted(one: Version) -> bool:
        its = [other.version_at for other in left if other.id == one.id]
        return (
            ALL in wanted.words
            or one.version_at in wanted.versions
            or (FIRST in wanted.words and one.version_at == min(its))
            or (LAST in wanted.words and one.version_at == max(its))
        )

    return sorted(filter(is_wanted, left), key=lambda one: one.added_at)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(versions(), wanteds, st.integers(1, 5))
def test_pages_hold_what_is_wanted_each_once_in_its_order(
    office: Office, kept: list[Version], wanted: Wanted, limit: int
) -> None:
    with office.database.write() as connection:
        connection.execute(delete(taxii_objects))
        held.put(connection, 1, kept)
        held.put(connection, 2, kept)
    found, after = list[Version](), None
    with office.database.read() as connection:
        while True:
            page, after = held.page(connection, 1, wanted, after, limit)
            found += page
            if after is None:
                break
            assert len(page) == limit
    assert found == chosen(kept, wanted)


def test_a_page_is_cut_where_it_is_too_large(office: Office) -> None:
    big = "x" * (held.PAGE_BYTES // 2)
    many = [Version(f"url--{n}", "url", "2.1", "v", moment(n), moment(0), "m", {"x": big}) for n in range(3)]
    with office.database.write() as connection:
        held.put(connection, 1, many)
    found, after = list[str](), None
    with office.database.read() as connection:
        for expected in (1, 1, 1):
            page, after = held.page(connection, 1, Wanted(), after, 100)
            assert len(page) == expected
            found += [one.id for one in page]
        assert after is None
        (whole, end) = held.page(connection, 1, Wanted(), Place(moment(0), 0), 100, is_whole=False)
    assert found == [one.id for one in many] == [one.id for one in whole]
    assert end is None
    assert whole[0].content == {}


def test_what_is_removed_is_what_would_have_been_shown(office: Office) -> None:
    kept = [_version(IDS[0], n, "2.1", n) for n in range(4)]
    with office.database.write() as connection:
        held.put(connection, 1, kept)
        assert held.remove(connection, 1, Wanted(ids=(IDS[1],))) == 0
        assert held.remove(connection, 1, Wanted(ids=(IDS[0],), words=frozenset({FIRST, LAST}))) == 2
        assert held.known(connection, 1, IDS) == {(IDS[0], moment(1)), (IDS[0], moment(2))}
        assert held.newest(connection, 1) == moment(2)
        assert held.newest(connection, 2) is None
