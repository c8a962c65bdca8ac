"""Real lists, as their publishers give them; skipped when the folder of real data is not beside the repository."""

from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import select

from lintas.desk import intake, lookup
from lintas.desk.office import Office, Settings, open_office
from lintas.model.entity import Entity
from lintas.model.errors import FileError
from lintas.model.listing import ParseNotes
from lintas.sources import catalogue
from lintas.store.tables import statements
from tests.desk.cast import ALICE
from tests.desk.entries import rows
from tests.desk.ofac import Snapshots

UN = {
    "2026-02-27": {"INDIVIDUAL": 730, "ENTITY": 273},
    "2025-04-19": {"INDIVIDUAL": 684, "ENTITY": 193},
    "2020-11-30": {"INDIVIDUAL": 713, "ENTITY": 305},
}
Facts = set[tuple[str, str, str, str | None, bool]]
State = tuple[str, Facts]


def lists(shared: Path) -> Path:
    """The folder of real lists."""
    return shared / "data" / "lists"


@pytest.fixture(autouse=True)
def no_index(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a list holds is looked at here, not how it is searched."""
    monkeypatch.setattr(lookup, "refresh", lambda office, progress: None)


@pytest.fixture
def parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files that are loaded time and again are read by the parser the first time only."""
    known: dict[bytes, tuple[list[Entity], ParseNotes]] = {}
    true_parser = catalogue.parser

    def parser(name: str) -> catalogue.Parse:
        def parse(files: Sequence[Path], notes: ParseNotes) -> Iterator[Entity]:
            key = b"".join(sha256(path.read_bytes()).digest() for path in files)
            if key not in known:
                known[key] = (list(true_parser(name)(files, notes)), notes)
            notes.counts, notes.leftovers = known[key][1].counts, known[key][1].leftovers
            yield from known[key][0]

        return parse

    monkeypatch.setattr(catalogue, "parser", parser)


@pytest.fixture
def fresh(tmp_path: Path) -> Callable[[str, Path], State]:
    """What a node holds that never held anything else."""

    def load(name: str, path: Path) -> State:
        office = open_office(Settings(tmp_path / f"fresh-{path.name}"))
        intake.load(office, ALICE, name, [path])
        found = held(office, name)
        office.close()
        return found

    return load


def held(office: Office, name: str) -> State:
    """The hash of the newest version, and every fact that is stated now."""
    columns = [statements.c[name] for name in ("entity_id", "prop", "value", "original", "is_clean")]
    query = select(*columns).where(statements.c.list == name, statements.c.until_version.is_(None))
    with office.database.read() as connection:
        found = [tuple(row) for row in connection.execute(query)]
    assert len(found) == len(set(found)), "a fact is stated twice"
    return intake.versions(office, ALICE, name)[0].content_sha256, set(found)


@pytest.mark.usefixtures("parsed_once")
def test_three_editions_of_the_un_list_end_in_the_state_of_the_last_whatever_came_before(
    sqlite_office: Office, shared: Path, fresh: Callable[[str, Path], State]
) -> None:
    files = {date: lists(shared) / f"un_consolidated_{date}.xml" for date in UN}
    alone = {date: fresh("un_sc", path) for date, path in files.items()}
    a, b, c = UN
    for number, date in enumerate((a, b, c, a, c, b, a), start=1):  # each after each of the others
        version = intake.load(sqlite_office, ALICE, "un_sc", [files[date]], accept_removals=True).version
        assert (version.number, version.counts, version.n_entries) == (number, UN[date], sum(UN[date].values()))
        assert held(sqlite_office, "un_sc") == alone[date]


def test_an_edition_of_the_un_list_that_was_damaged_on_its_way_is_refused_with_the_place(
    sqlite_office: Office, shared: Path
) -> None:
    intake.load(sqlite_office, ALICE, "un_sc", [lists(shared) / "un_consolidated_2026-02-27.xml"])
    before = rows(sqlite_office)
    with pytest.raises(FileError) as caught:
        intake.load(sqlite_office, ALICE, "un_sc", [lists(shared) / "un_consolidated_damaged.xml"])
    assert str(caught.value.where).startswith("un_consolidated_damaged.xml, line 53")
    assert rows(sqlite_office) == before


@pytest.mark.long
def test_six_snapshots_of_the_ofac_list_one_after_another_end_as_the_last_edition_alone(
    sqlite_office: Office, shared: Path, tmp_path: Path, fresh: Callable[[str, Path], State]
) -> None:
    _follow(sqlite_office, shared, tmp_path, fresh, every=62)


@pytest.mark.long
def test_all_308_snapshots_of_the_ofac_list_one_after_another_end_as_the_last_edition_alone(
    sqlite_office: Office, shared: Path, tmp_path: Path, fresh: Callable[[str, Path], State]
) -> None:
    _follow(sqlite_office, shared, tmp_path, fresh, every=1)


def _follow(office: Office, shared: Path, folder: Path, fresh: Callable[[str, Path], State], *, every: int) -> None:
    snapshots, path = Snapshots(shared), folder / "sdn.csv"
    for number, wanted in enumerate(sorted({*range(0, len(snapshots), every), len(snapshots) - 1}), start=1):
        snapshots.write(wanted, path)
        version = intake.load(office, ALICE, "us_ofac_sdn", [path]).version
        assert (version.number, version.n_entries) == (number, snapshots.n_rows)
    first, last = (intake.versions(office, ALICE, "us_ofac_sdn")[at] for at in (-1, 0))
    assert (first.n_entries, last.n_entries) == (9083, 14965)
    assert held(office, "us_ofac_sdn") == fresh("us_ofac_sdn", lists(shared) / "ofac_sdn_2024-05-03.csv")
