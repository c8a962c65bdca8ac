"""Files beside messages: quarantined when they come, checked or held back, given to who reads the thread, and gone."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from lintas.desk import attaching, correspondence, files, jobs, officers, post, proposals, retention
from lintas.desk.files import FileView
from lintas.desk.office import Office, Settings, open_office
from lintas.exchange import wire
from lintas.model.case import Proposal
from lintas.model.errors import ConflictError, DeniedError, InputError, NotFoundError, TooLargeError
from lintas.model.handling import Handling
from lintas.model.officer import SECRET, Officer
from lintas.store import attachments, draft_files
from lintas.store.messages import Kept
from lintas.store.tables import attachments as table
from tests.desk.cast import ALICE, enlist
from tests.desk.cells import newest
from tests.nodes.neighbour import Neighbour, met
from tests.nodes.region import CORA, LINA, REQUEST, Region, draft
from tests.sources.test_files import JPEG, PDF, PNG, zipped

BOMB = zipped({"a.txt": b"a" * (30 << 20)})


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    made = open_office(Settings(tmp_path_factory.mktemp("files") / "node"))
    enlist(made, ALICE, LINA, CORA)
    yield made
    made.close()


@pytest.fixture(scope="module")
def neighbour(office: Office) -> Neighbour:
    return met(office)


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


def test_what_comes_is_in_quarantine_until_the_node_looked_into_it(office: Office, neighbour: Neighbour) -> None:
    kept = came(office, neighbour, report_pdf=PDF, bomb_zip=BOMB, photo_png=JPEG, pixel_png=PNG)
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


def test_a_checked_file_is_given_and_logged_with_its_digest(office: Office, neighbour: Neighbour) -> None:
    kept = came(office, neighbour, report_pdf=PDF, bomb_zip=BOMB)
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


def test_a_file_is_found_under_its_own_thread_alone(office: Office, neighbour: Neighbour) -> None:
    one, other = (came(office, neighbour, report_pdf=PDF) for _ in range(2))
    checked(office)
    checked(office)
    for thread, message, place in ((one.thread, other.number, 0), (one.thread, one.number, 1), (one.thread, 999, 0)):
        with pytest.raises(NotFoundError) as error:
            files.give(office, LINA, thread, message, place)
        assert error.value.code == "unknown_file"
    with pytest.raises(DeniedError):
        files.give(office, CORA, one.thread, one.number, 0)


def test_a_file_that_was_changed_where_it_is_kept_is_held_back(office: Office, neighbour: Neighbour) -> None:
    kept = came(office, neighbour, report_pdf=PDF)
    with office.database.write() as connection:
        connection.execute(table.update().values(data=wire.said(b"something else")))
    assert checked(office) == {"checked": 0, "held_back": 1}
    assert views(office, kept)[0].code == "altered"


def test_names_of_any_script_are_let_through_and_those_that_deceive_are_not(
    office: Office, neighbour: Neighbour
) -> None:
    names = {"របាយការណ៍.pdf": None, "تقرير.pdf": None, "fdp.\u202etxt": "unsafe_name", "a\n.pdf": "unsafe_name"}
    kept = neighbour.says(office, "request", REQUEST, beside=dict.fromkeys([*names, "../a.pdf"], PDF))
    checked(office)
    assert {one.name: one.code for one in views(office, kept)} == {**names, "../a.pdf": "unsafe_name"}


def test_a_recall_takes_the_files_with_it(office: Office, neighbour: Neighbour) -> None:
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


def test_a_file_at_the_edge_of_a_parcel_is_judged(office: Office, neighbour: Neighbour) -> None:
    text = b"account;1\n" * 700_000
    kept = came(office, neighbour, rows_csv=text)
    checked(office)
    assert views(office, kept)[0].status == "checked"
    assert files.give(office, LINA, kept.thread, kept.number, 0).data == text


A, B, C = "xa.fiu", "xb.police", "xc.customs"


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Region]:
    made = Region(tmp_path_factory.mktemp("region"), names=(A, B, C))
    yield made
    made.close()


def attached(region: Region, node: str, *named: tuple[str, bytes]) -> tuple[str, ...]:
    return tuple(attaching.attach(region.nodes[node], LINA, name, data).id for name, data in named)


def n_waiting(office: Office) -> int:
    with office.database.read() as connection:
        return draft_files.count(connection, "lina")


def test_what_is_attached_arrives_as_it_was_shown_and_waits_no_more(region: Region) -> None:
    ids = attached(region, A, ("report.pdf", PDF), ("ម.png", PNG))
    shown = attaching.waiting(region.nodes[A], LINA, ids)
    said = post.preview(region.nodes[A], LINA, draft("request", REQUEST, peer=B, files=ids))["attachments"]
    assert [(one["name"], one["sha256"]) for one in said] == [(one.name, one.sha256) for one in shown]
    sent = region.ask(A, B, files=ids)
    assert n_waiting(region.nodes[A]) == 0
    region.deliver(A, B)
    checked(region.nodes[B])
    came = region.inbox(B, A)[-1]
    assert [(one.name, one.sha256, one.status) for one in views(region.nodes[B], came)] == [
        (one.name, one.sha256, "checked") for one in shown
    ]
    for node, kept in ((A, sent), (B, came)):
        assert files.give(region.nodes[node], LINA, kept.thread, kept.number, 1).data == PNG


def test_what_the_other_node_would_not_take_is_refused_at_once(region: Region) -> None:
    for name, data, code in (
        ("big.csv", b"account;1\n" * 800_000, "files_too_large"),
        ("whole.csv", bytes(8 << 20), "files_too_large"),
        ("bomb.zip", BOMB, "too_large"),
        ("nothing.txt", b"", "empty"),
        ("a\nb.txt", b"text", "unsafe_name"),
        ("run.exe", b"MZ", "unknown_kind"),
    ):
        with pytest.raises(InputError) as error:
            attached(region, A, (name, data))
        assert error.value.code == code
    assert n_waiting(region.nodes[A]) == 0


def test_a_message_has_so_many_files_and_so_many_bytes(region: Region) -> None:
    ids = attached(region, A, *((f"{n}.txt", b"text") for n in range(20)))
    with pytest.raises(TooLargeError) as error:
        attaching.attach(region.nodes[A], LINA, "more.txt", b"text", before=ids)
    assert error.value.code == "too_many_files"
    half = b"account;1\n" * 400_000
    both = attached(region, A, ("one.csv", half), ("other.csv", half))
    with pytest.raises(TooLargeError) as error:
        region.ask(A, B, files=both)
    assert error.value.code == "files_too_large"
    region.clock.move(hours=13)
    assert attaching.drop_old(region.nodes[A]) == 22


def test_a_file_is_sent_by_who_attached_it_once_and_in_time(region: Region) -> None:
    ids = attached(region, A, ("report.pdf", PDF))
    alice = replace(LINA, id="alina")
    for what, officer in ((ids, alice), (("none",), LINA), ((*ids, *ids), LINA)):
        with pytest.raises(InputError) as error:
            post.send(region.nodes[A], officer, draft("request", REQUEST, peer=B, files=what))
        assert error.value.code == "file_gone"
    region.ask(A, B, files=ids)
    with pytest.raises(InputError):
        region.ask(A, B, files=ids)
    late = attached(region, A, ("late.pdf", PDF))
    region.clock.move(hours=13)
    with pytest.raises(InputError):
        region.ask(A, B, files=late)
    assert attaching.drop_old(region.nodes[A]) == 1


def test_four_eyes_hold_the_files_and_what_is_refused_or_lapses_takes_them_away(region: Region) -> None:
    office, sofia = (
        region.nodes[A],
        officers.add(region.nodes[A], ALICE, "sofia", roles=["supervisor"], clearance=SECRET),
    )
    sofia = replace(sofia, via="session")

    def asked() -> Proposal:
        ids = attached(region, A, ("report.pdf", PDF))
        made = post.send(office, LINA, draft("request", REQUEST, peer=B, files=ids, handling=Handling("red")))
        assert isinstance(made, Proposal)
        return made

    proposal = asked()
    region.clock.move(days=6)
    assert attaching.drop_old(office) == 0
    assert [one.name for one in proposals.show(office, sofia, proposal.number).files] == ["report.pdf"]
    assert attaching.give(office, sofia, proposal.number, 0).data == PDF
    proposals.decide(office, sofia, proposal.number, True, "It is needed")
    assert region.all(A)[-1].content["attachments"][0]["name"] == "report.pdf"
    proposals.decide(office, sofia, asked().number, False, "It is not needed")
    assert n_waiting(office) == 0
    asked()
    region.clock.move(days=7, hours=1)
    assert attaching.drop_old(office) == 1


def test_a_file_of_another_agency_goes_on_only_under_its_own_rules(region: Region) -> None:
    ids = attached(region, B, ("letter.txt", b"It is his."))
    told = {"subject": "An account", "text": "It is his.", "channel": "general"}
    region.ask(B, A, "spontaneous", body=told, files=ids)
    region.deliver(B, A)
    came = region.inbox(A, B)[-1]
    mine = attached(region, A, ("renamed.csv", b"It is his."))
    for changes, code in (({}, "source_not_named"), ({"sources": (came.number,)}, "not_released")):
        with pytest.raises(InputError) as error:
            region.ask(A, C, "spontaneous", body=told, files=mine, **changes)
        assert error.value.code == code
    attaching.drop_old(region.nodes[A])
    assert n_waiting(region.nodes[A]) == 1


def test_the_day_of_deletion_takes_the_files_on_both_sides_of_what_was_handed_on(region: Region) -> None:
    handling = Handling("green", onward=frozenset({C}), retain_until=region.clock().date() + timedelta(days=3))
    told = {"subject": "An account", "text": "It is his.", "channel": "general"}
    region.ask(
        B, A, "spontaneous", body=told, handling=handling, files=attached(region, B, ("other.txt", b"It is hers."))
    )
    region.deliver(B, A)
    came = region.inbox(A, B)[-1]
    mine = attached(region, A, ("other.txt", b"It is hers."))
    on = region.ask(A, C, "spontaneous", body=told, handling=handling, files=mine, sources=(came.number,))
    region.clock.move(days=5)
    retention.run(region.nodes[A], Officer("node", frozenset({"administrator"})))
    with region.nodes[A].database.read() as connection:
        assert attachments.of_messages(connection, [came.number, on.number]) == {}
