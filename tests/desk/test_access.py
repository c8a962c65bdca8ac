"""Links, sessions and tokens: each works for whom, for what, and for as long as it should."""

import threading
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import select

from lintas.desk import access, intake, runs
from lintas.desk.office import Office
from lintas.model.errors import DeniedError, InputError, NotFoundError, SignInError
from lintas.model.officer import Officer
from lintas.store import officers
from lintas.store.tables import credentials, metadata
from tests.desk.cast import ALICE, BOB, CHARLIE
from tests.desk.conftest import Clock
from tests.desk.entries import load, people, rows, write

Log = Callable[[Office], list[tuple[str, str, str]]]


class TestLinks:
    def test_a_link_signs_its_officer_in(self, timed: Office) -> None:
        session = access.sign_in(timed, access.create_link(timed, ALICE))
        assert access.holder(timed, session, "session") == ALICE

    def test_a_link_works_once(self, timed: Office) -> None:
        link = access.create_link(timed, ALICE)
        access.sign_in(timed, link)
        with pytest.raises(SignInError) as caught:
            access.sign_in(timed, link)
        assert caught.value.code == "link_spent"

    @pytest.mark.parametrize(("minutes", "works"), [(14.99, True), (15, False), (16, False)])
    def test_a_link_lives_fifteen_minutes(self, timed: Office, clock: Clock, minutes: float, works: bool) -> None:
        link = access.create_link(timed, ALICE)
        clock.move(minutes=minutes)
        if works:
            access.sign_in(timed, link)
        else:
            with pytest.raises(SignInError):
                access.sign_in(timed, link)

    def test_of_many_who_use_a_link_at_once_one_is_signed_in(self, office: Office) -> None:
        link, start = access.create_link(office, ALICE), threading.Barrier(6)
        ended: list[str] = []

        def use() -> None:
            start.wait()
            try:
                access.sign_in(office, link)
                ended.append("in")
            except SignInError:
                ended.append("out")

        threads = [threading.Thread(target=use) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(ended) == ["in"] + ["out"] * 5
        assert [row[1] for row in rows(office, "credentials")["credentials"]].count("session") == 1

    @pytest.mark.parametrize("link", ["", "x", "\x00", "' OR 1=1 --", "ลิงก์", "x" * 100_000])
    def test_what_is_no_link_signs_nobody_in(self, office: Office, link: str) -> None:
        with pytest.raises(SignInError):
            access.sign_in(office, link)

    def test_signing_in_is_logged_and_so_is_every_link_that_was_refused(self, timed: Office, log: Log) -> None:
        link = access.create_link(timed, ALICE)
        access.sign_in(timed, link)
        for wrong in (link, "guess"):
            with pytest.raises(SignInError):
                access.sign_in(timed, wrong)
        assert log(timed) == [
            ("alice", "sign_in.link", "asked"),
            ("alice", "sign_in", "done"),
            ("nobody", "sign_in", "refused"),
            ("nobody", "sign_in", "refused"),
        ]

    def test_a_session_or_token_is_no_link(self, timed: Office) -> None:
        session = access.sign_in(timed, access.create_link(timed, ALICE))
        for secret in (session, access.create_token(timed, ALICE, "owner")):
            with pytest.raises(SignInError):
                access.sign_in(timed, secret)


class TestSessionsAndTokens:
    @pytest.mark.parametrize(("kind", "lives"), [("session", {"hours": 12}), ("token", {"days": 365})])
    def test_each_ends_at_its_time(self, timed: Office, clock: Clock, kind: str, lives: dict[str, float]) -> None:
        secret = self.make(timed, kind)
        assert access.holder(timed, secret, kind).id == "alice"
        clock.move(**lives)
        clock.move(seconds=-1)
        assert access.holder(timed, secret, kind).id == "alice"
        clock.move(seconds=1)
        with pytest.raises(SignInError):
            access.holder(timed, secret, kind)

    def test_a_session_does_not_live_longer_by_being_used(self, timed: Office, clock: Clock) -> None:
        session = self.make(timed, "session")
        for _ in range(11):
            clock.move(hours=1)
            access.holder(timed, session, "session")
        clock.move(hours=1)
        with pytest.raises(SignInError):
            access.holder(timed, session, "session")

    def test_none_stands_in_for_another(self, timed: Office) -> None:
        link = access.create_link(timed, ALICE)
        for secret, kind in ((self.make(timed, "token"), "session"), (self.make(timed, "session"), "token")):
            with pytest.raises(SignInError):
                access.holder(timed, secret, kind)
        for kind in ("session", "token"):
            with pytest.raises(SignInError):
                access.holder(timed, link, kind)

    @pytest.mark.parametrize("secret", [None, "", "x", "\x00", "\udcff"])
    @pytest.mark.parametrize("kind", ["session", "token"])
    def test_what_is_no_secret_holds_nothing(self, sqlite_office: Office, secret: str | None, kind: str) -> None:
        with pytest.raises(SignInError) as caught:
            access.holder(sqlite_office, secret, kind)
        assert ("sign-in" in caught.value.do) == (kind == "session")

    def test_signing_out_ends_that_session_and_no_other(self, timed: Office, log: Log) -> None:
        first, second = self.make(timed, "session"), self.make(timed, "session")
        access.sign_out(timed, ALICE, first)
        with pytest.raises(SignInError):
            access.holder(timed, first, "session")
        assert access.holder(timed, second, "session") == ALICE
        assert log(timed)[-1] == ("alice", "sign_out", "done")

    def test_a_token_acts_as_its_maker_in_its_own_role(self, timed: Office) -> None:
        token = access.create_token(timed, ALICE, "analyst")
        assert access.holder(timed, token, "token") == Officer("alice", "analyst")

    def test_a_token_of_an_analyst_reads_and_screens_and_loads_no_list(self, office: Office, tmp_path: Path) -> None:
        load(office, people(3))
        analyst = access.holder(office, access.create_token(office, ALICE, "analyst"), "token")
        assert intake.status(office, analyst)
        before = rows(office)
        with pytest.raises(DeniedError) as caught:
            intake.load(office, analyst, "ftm", [write(tmp_path / "list.json", people(4))])
        assert "alice as analyst" in caught.value.what
        with pytest.raises(DeniedError):
            access.create_token(office, analyst, "owner")
        with pytest.raises(DeniedError):
            access.create_link(office, analyst)
        assert rows(office) == before

    @pytest.mark.parametrize("role", ["", "admin", "Owner", "owner ", "owner\x00"])
    def test_a_role_that_is_none_is_refused(self, office: Office, role: str) -> None:
        with pytest.raises(InputError) as caught:
            access.create_token(office, ALICE, role)
        assert caught.value.code == "unknown_role"
        assert rows(office, "credentials")["credentials"] == []

    def test_only_hashes_of_secrets_are_in_the_database_and_in_its_files(self, timed: Office) -> None:
        link = access.create_link(timed, ALICE)
        secrets = [link, access.sign_in(timed, link), access.create_token(timed, ALICE, "reader")]
        with timed.database.read() as connection:
            every = [repr(tuple(row)) for table in metadata.sorted_tables for row in connection.execute(select(table))]
            kept = set(connection.execute(select(credentials.c.secret_sha256)).scalars())
        assert kept == {sha256(secret.encode()).hexdigest() for secret in secrets}
        assert not any(secret in row for secret in secrets for row in every)
        for path in timed.node.glob("node.sqlite*"):
            assert not any(secret.encode() in path.read_bytes() for secret in secrets)

    def test_secrets_are_long_and_never_the_same(self, sqlite_office: Office) -> None:
        made = {access.create_token(sqlite_office, ALICE, "reader") for _ in range(50)}
        assert len(made) == 50
        assert min(map(len, made)) >= 43

    def make(self, office: Office, kind: str) -> str:
        if kind == "token":
            return access.create_token(office, ALICE, "reader")
        return access.sign_in(office, access.create_link(office, ALICE))


class TestOfficers:
    def test_the_owner_is_made_once_however_many_ask(self, office: Office) -> None:
        start = threading.Barrier(6)
        found: list[Officer] = []

        def ask() -> None:
            start.wait()
            found.append(access.owner(office))

        threads = [threading.Thread(target=ask) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert found == [Officer("owner", "owner")] * 6
        assert len(rows(office, "officers")["officers"]) == 1

    def test_an_officer_is_known_by_id_and_nobody_else_is(self, office: Office) -> None:
        odd = Officer("Alice, Bob and Charlie; DROP TABLE officers --", "reader")
        with office.database.write() as connection:
            for officer in (BOB, odd):
                officers.add(connection, officer, at=office.now())
        assert access.officer(office, "bob") == BOB
        assert access.officer(office, odd.id) == odd
        assert access.officer(office, "owner") == Officer("owner", "owner")
        for unknown in ("Bob", "bob ", "", "Alice", "%", "charlie"):
            with pytest.raises(NotFoundError) as caught:
                access.officer(office, unknown)
            assert caught.value.code == "unknown_officer"

    def test_the_log_names_each_of_them_by_name(self, office: Office, log: Log) -> None:
        odd = Officer("Alice, Bob and Charlie", "reader")
        for officer in (ALICE, BOB, CHARLIE, odd):
            intake.status(office, officer)
        assert [who for who, _, _ in log(office)] == ["alice", "bob", "charlie", "Alice, Bob and Charlie"]

    def test_a_role_that_nobody_gave_may_do_nothing(self, office: Office, log: Log) -> None:
        for role in ("", "Owner", "root"):
            with pytest.raises(DeniedError):
                runs.latest(office, Officer("mallory", role))
        assert log(office) == [("mallory", "runs.read", "refused")] * 3

    def test_the_newest_rows_of_the_log_come_first_and_reading_it_is_logged(self, timed: Office, clock: Clock) -> None:
        intake.status(timed, BOB)
        clock.move(minutes=1)
        found = access.trail(timed, ALICE, 10)
        assert [(row["verb"], row["officer"]) for row in found] == [("audit.read", "alice"), ("lists.read", "bob")]
        assert [row["at"] for row in found] == [clock(), clock.at.replace(minute=0)]
        with pytest.raises(InputError):
            access.trail(timed, ALICE, -1)
