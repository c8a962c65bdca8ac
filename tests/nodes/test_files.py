"""Files beside messages: quarantined when they come, checked or held back, given to who reads the thread, and gone."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lintas.desk import correspondence, files, jobs
from lintas.desk.files import FileView
from lintas.desk.office import Office, Settings, open_office
from lintas.exchange import wire
from lintas.model.errors import ConflictError, DeniedError, NotFoundError
from lintas.store import attachments
from lintas.store.messages import Kept
from lintas.store.tables import attachments as table
from tests.desk.cast import ALICE, enlist
from tests.desk.cells import newest
from tests.nodes.neighbour import Neighbour, met
from tests.nodes.region import CORA, LINA, REQUEST
from tests.sources.test_files import JPEG, PDF, PNG, zipped

BOMB = zipped({"a.txt": b"a" * (30 << 20)})


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = open_office(Settings(tmp_path / "node"))
    enlist(made, ALICE, LINA, CORA)
    yield made
    made.close()


def came(office: Office, neighbour: Neighbour, **named: bytes) -> Kept:
    return neighbour.says(office, "request", REQUEST, beside={n.replace("_", "."): one for n, one in named.items()})


def views(office: Office, kept: Kept) -> tuple[FileView, ...]:
    shown = correspondence.show(office, LINA, kept.thread).messages
    return next(one.files for one in shown if one.message.id == kept.id)


def checked(office: Office) -> dict[str, Any]:
    done = jobs.work(office, ["check"])
    assert done is not None
    assert (done.status, done.error) == ("done", None)
    return dict(done.result or {})


def test_what_comes_is_in_quarantine_until_the_node_looked_into_it(office: Office) -> None:
    kept = came(office, met(office), report_pdf=PDF, bomb_zip=BOMB, photo_png=JPEG, pixel_png=PNG)
    assert [one.status for one in views(office, kept)] == ["quarantined"] * 4
    with pytest.raises(ConflictError) as error:
        files.give(office, LINA, kept.thread, kept.number, 0)
    assert error.value.code == "quarantined"
    with office.database.read() as connection:
        assert wire.raw(attachments.data(connection, kept.number, 0))[: len(PDF)] != PDF, "encrypted as it came"
    assert checked(office) == {"checked": 2, "held_back": 2}
    assert [(one.name, one.status, one.type, one.code) for one in views(office, kept)] == [
        ("report.pdf", "checked", "application/pdf", None),
        ("bomb.zip", "held_back", None, "too_large"),
        ("photo.png", "held_back", None, "wrong_kind"),
        ("pixel.png", "checked", "image/png", None),
    ]


def test_a_checked_file_is_given_and_logged_with_its_digest(office: Office) -> None:
    kept = came(office, met(office), report_pdf=PDF, bomb_zip=BOMB)
    checked(office)
    given = files.give(office, LINA, kept.thread, kept.number, 0)
    assert (given.data, given.type, given.said.name) == (PDF, "application/pdf", "report.pdf")
    with office.log.read() as connection:
        details = connection.exec_driver_sql("SELECT details FROM log ORDER BY number DESC LIMIT 1").scalar_one()
    assert given.said.sha256 in str(details)
    assert newest(office, 1) == [("lina", "exchange.read", "done")]
    with pytest.raises(DeniedError) as error:
        files.give(office, LINA, kept.thread, kept.number, 1)
    assert (error.value.code, error.value.where) == ("held_back", "too_large")


def test_a_file_is_found_under_its_own_thread_alone(office: Office) -> None:
    neighbour = met(office)
    one, other = (came(office, neighbour, report_pdf=PDF) for _ in range(2))
    checked(office)
    checked(office)
    for thread, message, place in ((one.thread, other.number, 0), (one.thread, one.number, 1), (one.thread, 999, 0)):
        with pytest.raises(NotFoundError) as error:
            files.give(office, LINA, thread, message, place)
        assert error.value.code == "unknown_file"
    with pytest.raises(DeniedError):
        files.give(office, CORA, one.thread, one.number, 0)


def test_a_file_that_was_changed_where_it_is_kept_is_held_back(office: Office) -> None:
    kept = came(office, met(office), report_pdf=PDF)
    with office.database.write() as connection:
        connection.execute(table.update().values(data=wire.said(b"something else")))
    assert checked(office) == {"checked": 0, "held_back": 1}
    assert views(office, kept)[0].code == "altered"


def test_names_of_any_script_are_let_through_and_those_that_deceive_are_not(office: Office) -> None:
    names = {"របាយការណ៍.pdf": None, "تقرير.pdf": None, "fdp.\u202etxt": "unsafe_name", "a\n.pdf": "unsafe_name"}
    kept = met(office).says(office, "request", REQUEST, beside=dict.fromkeys([*names, "../a.pdf"], PDF))
    checked(office)
    assert {one.name: one.code for one in views(office, kept)} == {**names, "../a.pdf": "unsafe_name"}


def test_a_recall_takes_the_files_with_it(office: Office) -> None:
    neighbour = met(office)
    kept = came(office, neighbour, report_pdf=PDF)
    waiting = came(office, neighbour, late_pdf=PDF)
    checked(office)
    for one in (kept, waiting):
        neighbour.says(office, "recall", {"why": "It was of somebody else."}, to=one)
        assert views(office, one) == ()
        with pytest.raises(NotFoundError):
            files.give(office, LINA, one.thread, one.number, 0)
    assert checked(office) == {"checked": 0, "held_back": 0}, "of what was recalled nothing is left to look into"
    with office.database.read() as connection:
        assert attachments.of_messages(connection, [kept.number, waiting.number]) == {}


def test_a_file_at_the_edge_of_a_parcel_is_judged(office: Office) -> None:
    text = b"account;1\n" * 700_000
    kept = came(office, met(office), rows_csv=text)
    checked(office)
    assert views(office, kept)[0].status == "checked"
    assert files.give(office, LINA, kept.thread, kept.number, 0).data == text
