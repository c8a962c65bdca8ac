"""A list is downloaded from its publisher when it is new; whatever goes wrong, what is loaded stays."""

import gzip
import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import httpx
import orjson
import pytest

from lintas.desk import intake, lookup, refresh, trail
from lintas.desk.intake import LoadReport
from lintas.desk.office import Office
from lintas.model.errors import (
    ConflictError,
    FileError,
    GuardError,
    InputError,
    LintasError,
    TooLargeError,
    UnavailableError,
)
from tests.desk.cast import ALICE
from tests.desk.entries import Entry, load, people, rows
from tests.desk.publisher import MACHINE, Publisher, publishing, send

HELD = ("list_versions", "entities", "statements", "changes", "leftovers", "downloads")


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with publishing() as serving:
        yield serving


def publish(publisher: Publisher, entries: list[Entry], etag: str | None = '"one"', path: str = "/list.json") -> None:
    publisher.files[path] = b"".join(orjson.dumps(one) + b"\n" for one in entries)
    publisher.etags.pop(path, None)
    if etag:
        publisher.etags[path] = etag


def fetch(office: Office, *urls: str) -> LoadReport | None:
    hosts = [url.partition("://")[2].partition("/")[0].rpartition(":")[0] for url in urls]
    return refresh.refresh(office, ALICE, "ftm", urls=urls, hosts=hosts, outside=MACHINE)


def fails(office: Office, *urls: str) -> LintasError:
    """Refresh and fail: the error; nothing that is held changed, and nothing is left lying about."""
    before, folders = rows(office, *HELD), sorted(office.index.iterdir())
    with pytest.raises(LintasError) as caught:
        fetch(office, *urls)
    assert rows(office, *HELD) == before
    assert sorted(office.index.iterdir()) == folders
    assert list(office.scratch.glob("tmp*")) == []
    return caught.value


class TestNews:
    def test_a_first_refresh_loads_what_is_published(self, office: Office, publisher: Publisher) -> None:
        publish(publisher, people(5))
        report = fetch(office, publisher.url())
        assert report is not None
        assert (report.version.number, report.version.n_entities, report.is_new) == (1, 5, True)
        assert [file.name for file in report.version.files] == ["list.json"]
        assert intake.raw_path(office, report.version.files[0]).read_bytes() == publisher.files["/list.json"]

    def test_a_second_refresh_downloads_nothing_when_the_publisher_has_nothing_new(
        self, office: Office, publisher: Publisher
    ) -> None:
        publish(publisher, people(5))
        fetch(office, publisher.url())
        publisher.asked.clear()
        before = rows(office, *HELD[:-1])
        assert fetch(office, publisher.url()) is None
        assert publisher.asked == [("HEAD", "/list.json")]
        assert rows(office, *HELD[:-1]) == before

    def test_what_is_new_is_loaded(self, office: Office, publisher: Publisher) -> None:
        publish(publisher, people(5))
        fetch(office, publisher.url())
        publish(publisher, people(6), '"two"')
        report = fetch(office, publisher.url())
        assert report is not None
        assert (report.version.number, report.version.n_added) == (2, 1)
        assert fetch(office, publisher.url()) is None

    def test_a_publisher_without_marks_is_downloaded_each_time_and_the_same_file_changes_nothing(
        self, office: Office, publisher: Publisher
    ) -> None:
        publish(publisher, people(5), etag=None)
        fetch(office, publisher.url())
        report = fetch(office, publisher.url())
        assert report is not None
        assert (report.is_new, report.version.number) == (False, 1)

    def test_a_mark_that_is_too_long_to_keep_is_as_good_as_none(self, office: Office, publisher: Publisher) -> None:
        publish(publisher, people(5), etag='"' + "x" * 5000 + '"')
        for _ in range(2):
            report = fetch(office, publisher.url())
            assert report is not None

    def test_a_publisher_that_refuses_to_say_whether_there_is_news_is_downloaded(
        self, sqlite_office: Office, publisher: Publisher
    ) -> None:
        publish(publisher, people(5))
        fetch(sqlite_office, publisher.url())
        publish(publisher, people(6), '"two"')

        def no_head(request: BaseHTTPRequestHandler) -> None:
            if request.command == "HEAD":
                send(request, 405)
            else:
                send(request, 200, publisher.files["/list.json"])

        publisher.says["/list.json"] = no_head
        report = fetch(sqlite_office, publisher.url())
        assert report is not None
        assert report.version.n_entities == 6

    def test_after_an_older_file_was_loaded_by_hand_the_publisher_is_asked_for_the_whole_again(
        self, office: Office, publisher: Publisher
    ) -> None:
        publish(publisher, people(5))
        fetch(office, publisher.url())
        load(office, people(4))
        report = fetch(office, publisher.url())
        assert report is not None
        assert (report.version.number, report.version.n_entities) == (3, 5)
        assert fetch(office, publisher.url()) is None

    def test_of_a_list_in_several_files_all_are_loaded_when_one_is_new(
        self, office: Office, publisher: Publisher
    ) -> None:
        urls = [publisher.url(path) for path in ("/a/list.json", "/b/list.json")]
        publish(publisher, people(5), '"a"', "/a/list.json")
        publish(publisher, [*people(7)[5:]], '"b"', "/b/list.json")
        fetch(office, *urls)
        assert fetch(office, *urls) is None
        publish(publisher, [*people(9)[5:]], '"c"', "/b/list.json")
        report = fetch(office, *urls)
        assert report is not None
        assert (report.version.n_entities, report.version.n_added) == (9, 2)

    def test_lists_that_were_loaded_and_have_an_address_can_be_refreshed(self, sqlite_office: Office) -> None:
        load(sqlite_office, people(3))
        assert refresh.loaded(sqlite_office, ALICE) == []  # of `ftm` nobody knows where it is published

    def test_a_list_without_an_address_is_refused(self, sqlite_office: Office) -> None:
        with pytest.raises(InputError) as caught:
            refresh.refresh(sqlite_office, ALICE, "ftm")
        assert caught.value.code == "no_address"


class TestFailures:
    @pytest.fixture
    def held(self, sqlite_office: Office, publisher: Publisher) -> Office:
        publish(publisher, people(5))
        fetch(sqlite_office, publisher.url())
        return sqlite_office

    @pytest.mark.parametrize("status", [204, 401, 403, 404, 410, 429, 500, 503])
    def test_any_answer_but_the_file(self, held: Office, publisher: Publisher, status: int) -> None:
        publisher.says["/list.json"] = lambda request: send(request, status, b"" if status == 204 else b"sorry")
        error = fails(held, publisher.url())
        assert isinstance(error, UnavailableError)
        assert (error.code, error.where) == ("publisher_silent", publisher.url())
        assert str(status) in error.what

    def test_a_body_that_is_shorter_than_it_was_said_to_be(self, held: Office, publisher: Publisher) -> None:
        body = publisher.files["/list.json"]
        publisher.says["/list.json"] = lambda request: send(request, 200, body, Content_Length=str(len(body) + 100))
        assert isinstance(fails(held, publisher.url()), UnavailableError)

    def test_a_body_of_unsaid_length_that_ends_too_soon(self, held: Office, publisher: Publisher) -> None:
        def cut(request: BaseHTTPRequestHandler) -> None:
            request.send_response(200)
            request.end_headers()
            request.wfile.write(publisher.files["/list.json"][:-20])

        publisher.says["/list.json"] = cut
        assert isinstance(fails(held, publisher.url()), FileError)

    def test_a_body_that_is_packed_wrongly(self, held: Office, publisher: Publisher) -> None:
        publisher.says["/list.json"] = lambda request: send(request, 200, b"no gzip", Content_Encoding="gzip")
        assert isinstance(fails(held, publisher.url()), UnavailableError)

    def test_a_page_that_says_sorry_in_place_of_the_list(self, held: Office, publisher: Publisher) -> None:
        publisher.says["/list.json"] = lambda request: send(request, 200, b"<html>Under maintenance</html>")
        assert isinstance(fails(held, publisher.url()), FileError)

    def test_a_list_of_which_half_is_missing(self, held: Office, publisher: Publisher) -> None:
        publish(publisher, people(1), '"two"')
        assert isinstance(fails(held, publisher.url()), GuardError)

    def test_a_file_that_is_too_large(
        self, held: Office, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(refresh, "MAX_BYTES", 1024**2)
        zeros = b"0" * 20 * 1024**2
        publisher.says["/plain"] = lambda request: send(request, 200, zeros)
        publisher.says["/packed"] = lambda request: send(request, 200, gzip.compress(zeros), Content_Encoding="gzip")
        for path in ("/plain", "/packed"):
            error = fails(held, publisher.url(path))
            assert isinstance(error, TooLargeError)
            assert error.code == "download_too_large"

    def test_a_download_that_takes_too_long(self, held: Office, publisher: Publisher) -> None:
        began = held.now()
        times = iter(range(0, 100_000, 400))
        slow = replace(held, now=lambda: began + timedelta(seconds=next(times)))
        publisher.says["/list.json"] = lambda request: send(request, 200, b"x" * 20 * 1024**2)
        error = fails(slow, publisher.url())
        assert (error.code, "900 s" in error.what) == ("publisher_silent", True)

    def test_a_publisher_that_falls_silent(
        self, held: Office, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(refresh, "TIMEOUT", httpx.Timeout(0.2))
        publisher.says["/list.json"] = lambda request: time.sleep(0.5)
        assert isinstance(fails(held, publisher.url()), UnavailableError)

    def test_a_publisher_that_is_not_there(self, held: Office) -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))  # bound and not listening: nobody answers
            port = taken.getsockname()[1]
            assert isinstance(fails(held, f"http://127.0.0.1:{port}/list.json"), UnavailableError)
        assert isinstance(fails(held, "http://no-such-host.invalid:80/list.json"), UnavailableError)

    def test_the_second_of_two_files_fails(self, held: Office, publisher: Publisher) -> None:
        publish(publisher, people(6), '"two"')
        assert isinstance(fails(held, publisher.url(), publisher.url("/none")), UnavailableError)
        report = fetch(held, publisher.url())
        assert report is not None
        assert report.version.n_entities == 6

    def test_another_load_that_was_faster(
        self, held: Office, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        publish(publisher, people(6), '"two"')
        true_guard = intake._guard

        def guard(*args: object) -> None:
            monkeypatch.setattr(intake, "_guard", true_guard)
            load(held, people(7))

        monkeypatch.setattr(intake, "_guard", guard)
        with pytest.raises(ConflictError):
            fetch(held, publisher.url())
        report = fetch(held, publisher.url())
        assert report is not None
        assert report.version.number == 3


class TestAddresses:
    @pytest.mark.parametrize(
        "url",
        [
            "file:///etc/passwd",
            "ftp://example.org/list",
            "gopher://example.org/",
            "javascript:alert(1)",
            "/etc/passwd",
            "list.json",
            "",
            "http://",
            "http:///list",
            "http://[::1",
            "http://example.org:port/",
            "http://exa\x00mple.org/",
            "http://example.org/" + "x" * 2000,
            "https://xn--/list",
        ],
    )
    def test_what_is_no_address_of_the_web_is_refused(self, sqlite_office: Office, url: str) -> None:
        error = fails(sqlite_office, url)
        assert isinstance(error, InputError)
        assert error.code == "bad_address"

    @pytest.mark.parametrize(
        "path", ["/", "/..", "/a/..%2f..%2fetc", "/" + "x" * 900, "/%00", "/.hidden", "/a b;c", "/รายชื่อ"]
    )
    def test_any_path_becomes_a_name_that_a_disk_takes(
        self, sqlite_office: Office, publisher: Publisher, path: str
    ) -> None:
        name = refresh._file_name(httpx.URL(publisher.url(path)))
        assert Path(name).name == name
        assert len(name) <= 100
        body = b"".join(orjson.dumps(one) + b"\n" for one in people(3))
        publisher.answer = lambda request: send(request, 200, body)  # type: ignore[method-assign]
        report = fetch(sqlite_office, publisher.url(path))
        assert report is not None
        assert report.version.files[0].name == name

    def test_a_redirect_on_the_same_host_is_followed(self, sqlite_office: Office, publisher: Publisher) -> None:
        publish(publisher, people(5))
        publisher.says["/old"] = lambda request: send(request, 301, Location="/list.json")
        report = fetch(sqlite_office, publisher.url("/old"))
        assert report is not None
        assert report.version.n_entities == 5
        assert fetch(sqlite_office, publisher.url("/old")) is None

    def test_a_redirect_without_end_is_given_up(self, sqlite_office: Office, publisher: Publisher) -> None:
        publisher.says["/round"] = lambda request: send(request, 302, Location="/round")
        assert isinstance(fails(sqlite_office, publisher.url("/round")), UnavailableError)

    @pytest.mark.parametrize(
        "location",
        [
            "file:///etc/passwd",
            "ftp://example.org/",
            "http://[::1",
            "//",
            "\\\\share\\list",
            "data:,x",
            "https://xn--/",
            "\x00",
        ],
    )
    def test_a_redirect_to_no_address_of_the_web_is_not_followed(
        self, sqlite_office: Office, publisher: Publisher, location: str
    ) -> None:
        publisher.says["/old"] = lambda request: send(request, 302, Location=location)
        assert isinstance(fails(sqlite_office, publisher.url("/old")), UnavailableError)

    def test_a_redirect_does_not_lead_into_the_agency(self, sqlite_office: Office, publisher: Publisher) -> None:
        with publishing("127.0.0.2") as inside:
            publish(inside, people(5))
            addresses = [inside.url(), inside.url().replace("127.0.0.2", "localhost"), "http://169.254.169.254/latest"]
            for address in addresses:
                publisher.says["/old"] = lambda request, to=address: send(request, 302, Location=to)  # type: ignore[misc]
                error = fails(sqlite_office, publisher.url("/old"))
                assert (error.code, "not one of the publisher's hosts" in error.what) == ("not_let_out", True)
            assert inside.n_connections == 0

    def test_the_publishers_own_hosts_are_asked_and_no_other_that_nobody_named(self, sqlite_office: Office) -> None:
        for url in (
            "https://scsanctions.un.org.example.org/x",
            "https://example.org/scsanctions.un.org",
            "https://un.org/",
        ):
            with pytest.raises(UnavailableError) as caught:
                refresh.refresh(sqlite_office, ALICE, "un_sc", urls=(url,))
            assert caught.value.code == "not_let_out"
        with pytest.raises(InputError) as wrong:
            refresh.refresh(sqlite_office, ALICE, "un_sc", hosts=["127.0.0.1"])
        assert wrong.value.code == "bad_host"

    def test_a_host_that_an_officer_adds_is_in_the_log(self, sqlite_office: Office) -> None:
        with pytest.raises(UnavailableError):
            refresh.refresh(
                sqlite_office, ALICE, "un_sc", urls=("https://no-such-host.invalid/x",), hosts=["no-such-host.invalid"]
            )
        row = next(row for row in trail.find(sqlite_office, ALICE, limit=10).rows if row.verb == "lists.load")
        assert row.details == {"urls": ["https://no-such-host.invalid/x"], "hosts": ["no-such-host.invalid"]}


def test_the_index_follows_a_refresh(office: Office, publisher: Publisher) -> None:
    publish(publisher, people(5))
    fetch(office, publisher.url())
    assert lookup.current(office).index.n_entities == 5
