"""Links, sessions and tokens: each works for whom, for what, and for as long as it should."""

import threading
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256

import pytest
from sqlalchemy import select

from lintas.desk import dossier, intake, officers, oidc, passphrases, screening, sessions, trail
from lintas.desk.office import Office
from lintas.model.errors import ConflictError, DeniedError, InputError, NotFoundError, SignInError
from lintas.model.officer import ROLES, SECRET, Officer
from lintas.store import passkeys
from lintas.store.passkeys import Passkey
from lintas.store.tables import credentials, metadata
from tests.desk.cast import ALICE, BOB, CHARLIE, enlist
from tests.desk.conftest import Clock
from tests.desk.entries import load, people, rows

Log = Callable[[Office], list[tuple[str, str, str]]]


class TestLinks:
    def test_a_link_signs_its_officer_in(self, timed: Office) -> None:
        session = sessions.sign_in(timed, sessions.create_link(timed, ALICE))
        found = sessions.holder(timed, session, "session")
        assert (found.id, found.roles, found.clearance, found.via) == ("alice", ALICE.roles, SECRET, "session")

    def test_a_link_works_once(self, timed: Office) -> None:
        link = sessions.create_link(timed, ALICE)
        sessions.sign_in(timed, link)
        with pytest.raises(SignInError) as caught:
            sessions.sign_in(timed, link)
        assert caught.value.code == "link_spent"

    @pytest.mark.parametrize(("minutes", "works"), [(9.99, True), (10, False), (16, False)])
    def test_a_link_lives_ten_minutes(self, timed: Office, clock: Clock, minutes: float, works: bool) -> None:
        link = sessions.create_link(timed, ALICE)
        clock.move(minutes=minutes)
        if works:
            sessions.sign_in(timed, link)
        else:
            with pytest.raises(SignInError):
                sessions.sign_in(timed, link)

    def test_of_many_who_use_a_link_at_once_one_is_signed_in(self, office: Office) -> None:
        enlist(office)
        link, start = sessions.create_link(office, ALICE), threading.Barrier(6)
        ended: list[str] = []

        def use() -> None:
            start.wait()
            try:
                sessions.sign_in(office, link)
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
            sessions.sign_in(office, link)

    def test_signing_in_is_logged_and_so_is_every_link_that_was_refused(self, timed: Office, log: Log) -> None:
        link = sessions.create_link(timed, ALICE)
        sessions.sign_in(timed, link)
        for wrong in (link, "guess"):
            with pytest.raises(SignInError):
                sessions.sign_in(timed, wrong)
        assert log(timed) == [
            ("alice", "sign_in.link", "asked"),
            ("alice", "sign_in", "done"),
            ("nobody", "sign_in", "refused"),
            ("nobody", "sign_in", "refused"),
        ]

    def test_a_session_or_token_is_no_link(self, timed: Office) -> None:
        session = sessions.sign_in(timed, sessions.create_link(timed, ALICE))
        for secret in (session, sessions.create_token(timed, ALICE)):
            with pytest.raises(SignInError):
                sessions.sign_in(timed, secret)


class TestSessionsAndTokens:
    def test_a_token_ends_at_its_time(self, timed: Office, clock: Clock) -> None:
        short, long = sessions.create_token(timed, ALICE, lives=timedelta(days=1)), sessions.create_token(timed, ALICE)
        for secret, days in ((short, 1), (long, 364)):
            clock.move(days=days, seconds=-1)
            assert sessions.holder(timed, secret, "token").id == "alice"
            clock.move(seconds=1)
            with pytest.raises(SignInError):
                sessions.holder(timed, secret, "token")

    def test_a_session_ends_after_an_hour_of_silence(self, timed: Office, clock: Clock) -> None:
        session = self.make(timed, "session")
        clock.move(minutes=59.9)
        assert sessions.holder(timed, session, "session").id == "alice"
        clock.move(minutes=60)
        assert sessions.mine(timed, ALICE) == []
        with pytest.raises(SignInError):
            sessions.holder(timed, session, "session")

    def test_a_session_does_not_live_longer_than_a_shift_by_being_used(self, timed: Office, clock: Clock) -> None:
        session = self.make(timed, "session")
        for _ in range(23):
            clock.move(minutes=30)
            sessions.holder(timed, session, "session")
        clock.move(minutes=30)
        with pytest.raises(SignInError):
            sessions.holder(timed, session, "session")

    def test_ending_the_others_leaves_the_one_that_asks(self, timed: Office) -> None:
        mine, others = self.make(timed, "session"), [self.make(timed, "session") for _ in range(3)]
        of_bob = sessions.sign_in(timed, sessions.create_link(timed, BOB))
        assert len(sessions.mine(timed, ALICE)) == 4
        assert sessions.end_others(timed, sessions.holder(timed, mine, "session")) == 3
        for one in others:
            with pytest.raises(SignInError):
                sessions.holder(timed, one, "session")
        assert sessions.holder(timed, mine, "session").id == "alice"
        assert sessions.holder(timed, of_bob, "session").id == "bob"

    def test_a_session_is_for_one_purpose_at_a_time(self, timed: Office) -> None:
        session = self.make(timed, "session")
        officer = sessions.holder(timed, session, "session")
        assert officer.purpose == "screening"
        sessions.set_purpose(timed, officer, "investigation")
        assert sessions.holder(timed, session, "session").purpose == "investigation"
        with pytest.raises(InputError) as caught:
            sessions.set_purpose(timed, officer, "curiosity")
        assert caught.value.code == "unknown_purpose"

    def test_none_stands_in_for_another(self, timed: Office) -> None:
        link = sessions.create_link(timed, ALICE)
        for secret, kind in ((self.make(timed, "token"), "session"), (self.make(timed, "session"), "token")):
            with pytest.raises(SignInError):
                sessions.holder(timed, secret, kind)
        for kind in ("session", "token"):
            with pytest.raises(SignInError):
                sessions.holder(timed, link, kind)

    @pytest.mark.parametrize("secret", [None, "", "x", "\x00", "\udcff"])
    @pytest.mark.parametrize("kind", ["session", "token"])
    def test_what_is_no_secret_holds_nothing(self, sqlite_office: Office, secret: str | None, kind: str) -> None:
        with pytest.raises(SignInError) as caught:
            sessions.holder(sqlite_office, secret, kind)
        assert ("Sign in" in caught.value.do) == (kind == "session")

    def test_signing_out_ends_that_session_and_no_other(self, timed: Office, log: Log) -> None:
        first, second = self.make(timed, "session"), self.make(timed, "session")
        sessions.sign_out(timed, ALICE, first)
        with pytest.raises(SignInError):
            sessions.holder(timed, first, "session")
        assert sessions.holder(timed, second, "session").id == "alice"
        assert log(timed)[-1] == ("alice", "sign_out", "done")

    def test_a_token_acts_as_its_maker_and_loses_what_the_maker_loses(self, timed: Office) -> None:
        token = sessions.create_token(timed, BOB)
        assert sessions.holder(timed, token, "token").roles == {"analyst"}
        officers.change(timed, ALICE, "bob", roles=["inspector"])
        assert sessions.holder(timed, token, "token").roles == {"inspector"}
        officers.disable(timed, ALICE, "bob")
        with pytest.raises(SignInError):
            sessions.holder(timed, token, "token")

    def test_a_token_does_what_it_is_limited_to_and_nothing_else(self, timed: Office) -> None:
        load(timed, people(3))
        token = sessions.create_token(timed, ALICE, ["entities.search"], label="of a program")
        program = sessions.holder(timed, token, "token")
        assert screening.search(timed, program, "Person").total == 3
        before = rows(timed)
        for refused in (
            lambda: intake.status(timed, program),
            lambda: dossier.show(timed, program, "xx-1"),
            lambda: sessions.create_token(timed, program),
            lambda: sessions.create_link(timed, program),
        ):
            with pytest.raises(DeniedError):
                refused()
        assert rows(timed) == before

    def test_even_a_token_of_all_roles_makes_no_token_and_no_officer(self, timed: Office) -> None:
        program = sessions.holder(timed, sessions.create_token(timed, ALICE), "token")
        with pytest.raises(DeniedError):
            sessions.create_token(timed, program)
        with pytest.raises(DeniedError):
            officers.add(timed, program, "eve", roles=["administrator"])

    def test_a_token_is_taken_back_by_its_officer_or_an_administrator_and_by_nobody_else(self, timed: Office) -> None:
        first, second = sessions.create_token(timed, BOB), sessions.create_token(timed, BOB)
        newest, oldest = sessions.my_tokens(timed, BOB)
        with pytest.raises(NotFoundError):
            sessions.revoke_my_token(timed, ALICE, oldest.id)
        with pytest.raises(DeniedError):
            sessions.revoke_token(timed, BOB, oldest.id)
        sessions.revoke_my_token(timed, BOB, oldest.id)
        sessions.revoke_token(timed, CHARLIE, newest.id)
        for token in (first, second):
            with pytest.raises(SignInError):
                sessions.holder(timed, token, "token")
        assert sessions.all_tokens(timed, CHARLIE) == []

    @pytest.mark.parametrize("verb", ["", "everything", "runs.*", "Runs.Read", "runs.read\x00"])
    def test_a_verb_that_is_none_is_refused(self, timed: Office, verb: str) -> None:
        with pytest.raises(InputError) as caught:
            sessions.create_token(timed, ALICE, [verb])
        assert caught.value.code == "unknown_verb"
        assert rows(timed, "credentials")["credentials"] == []

    def test_only_hashes_of_secrets_are_in_the_database_and_in_its_files(self, timed: Office) -> None:
        link = sessions.create_link(timed, ALICE)
        secrets = [link, sessions.sign_in(timed, link), sessions.create_token(timed, ALICE)]
        with timed.database.read() as connection:
            every = [repr(tuple(row)) for table in metadata.sorted_tables for row in connection.execute(select(table))]
            kept = set(connection.execute(select(credentials.c.secret_sha256)).scalars())
        assert kept == {sha256(secret.encode()).hexdigest() for secret in secrets}
        assert not any(secret in row for secret in secrets for row in every)
        for path in timed.node.glob("node.sqlite*"):
            assert not any(secret.encode() in path.read_bytes() for secret in secrets)

    def test_secrets_are_long_and_never_the_same(self, sqlite_office: Office) -> None:
        made = {sessions.create_token(sqlite_office, ALICE) for _ in range(50)}
        assert len(made) == 50
        assert min(map(len, made)) >= 43

    def make(self, office: Office, kind: str) -> str:
        if kind == "token":
            return sessions.create_token(office, ALICE)
        return sessions.sign_in(office, sessions.create_link(office, ALICE))


class TestOfficers:
    def test_the_owner_is_made_once_however_many_ask(self, office: Office) -> None:
        start = threading.Barrier(6)
        found: list[Officer] = []

        def ask() -> None:
            start.wait()
            found.append(officers.owner(office))

        threads = [threading.Thread(target=ask) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert {(one.id, one.roles) for one in found} == {("owner", frozenset(ROLES))}
        assert len(rows(office, "officers")["officers"]) == 1

    def test_an_officer_is_known_by_id_and_nobody_else_is(self, timed: Office) -> None:
        assert officers.acting(timed, "bob").roles == BOB.roles
        for unknown in ("Bob", "bob ", "", "Alice", "%", "dora"):
            with pytest.raises(NotFoundError) as caught:
                officers.acting(timed, unknown)
            assert caught.value.code == "unknown_officer"

    def test_an_administrator_adds_changes_disables_and_resets(self, timed: Office, log: Log) -> None:
        made = officers.add(timed, CHARLIE, "rina", roles=["analyst"], name="Rina Wijaya", agency="ppatk")
        assert officers.acting(timed, "rina") == made
        assert officers.change(timed, CHARLIE, "rina", roles=["inspector"], clearance=2).clearance == 2
        session = sessions.sign_in(timed, officers.reset(timed, CHARLIE, "rina"))
        officers.disable(timed, CHARLIE, "rina")
        with pytest.raises(SignInError):
            sessions.holder(timed, session, "session")
        with pytest.raises(DeniedError):
            officers.acting(timed, "rina")
        with pytest.raises(ConflictError) as caught:
            officers.reset(timed, CHARLIE, "rina")
        assert caught.value.do == "Enable them first: lintas officers enable rina."
        officers.enable(timed, CHARLIE, "rina")
        assert officers.acting(timed, "rina").agency == "ppatk"
        assert {"charlie"} == {who for who, verb, _ in log(timed) if verb == "officers.change"}

    def test_a_reset_leaves_nothing_that_lets_in_but_its_link(self, timed: Office) -> None:
        """It is for what was lost or stolen: a thief may have made a token, or bound themselves at the provider."""
        held = sessions.begin(timed, BOB, "a link")
        bob = sessions.holder(timed, held, "session")
        token = sessions.create_token(timed, bob)
        passphrases.set_own(timed, bob, "heron lantern mango tide")
        link = sessions.create_link(timed, bob)
        oidc.bind(timed, ALICE, "bob", "https://sso.agency.example", "b.santoso")
        with timed.database.write() as connection:
            passkeys.add(connection, Passkey("a-key", "bob", "-", 0, "a key", timed.now(), None))
        new = officers.reset(timed, ALICE, "bob")
        for kind, secret in (("session", held), ("token", token)):
            with pytest.raises(SignInError):
                sessions.holder(timed, secret, kind)
        with pytest.raises(SignInError):
            sessions.sign_in(timed, link)
        with pytest.raises(SignInError):
            passphrases.sign_in(timed, "bob", "heron lantern mango tide")
        found = rows(timed, "passkeys", "identities", "credentials")
        assert (found["passkeys"], found["identities"]) == ([], [])
        assert [row[1] for row in found["credentials"] if row[2] == "bob"] == ["link"]
        assert sessions.holder(timed, sessions.sign_in(timed, new), "session").id == "bob"

    def test_nobody_changes_their_own_roles_and_the_last_administrator_stays(self, timed: Office) -> None:
        with pytest.raises(DeniedError) as caught:
            officers.change(timed, CHARLIE, "charlie", roles=["analyst", "administrator"])
        assert caught.value.code == "own_roles"
        officers.disable(timed, CHARLIE, "alice")
        for refused in (
            lambda: officers.disable(timed, CHARLIE, "charlie"),
            lambda: officers.change(timed, ALICE, "charlie", roles=["analyst"]),
        ):
            with pytest.raises(ConflictError) as conflict:
                refused()
            assert conflict.value.code == "last_administrator"

    @pytest.mark.parametrize("name", ["", "Rina", "rina; DROP TABLE officers", "../rina", "ริน่า", "r" * 64, "\x00"])
    def test_a_name_that_is_none_is_refused(self, timed: Office, name: str) -> None:
        with pytest.raises(InputError) as caught:
            officers.add(timed, CHARLIE, name, roles=["analyst"])
        assert caught.value.code == "bad_officer"

    def test_a_role_or_rank_that_is_none_is_refused_and_so_is_a_name_twice(self, timed: Office) -> None:
        with pytest.raises(InputError):
            officers.add(timed, CHARLIE, "rina", roles=["king"])
        with pytest.raises(InputError):
            officers.add(timed, CHARLIE, "rina", roles=[], clearance=9)
        with pytest.raises(ConflictError):
            officers.add(timed, CHARLIE, "bob", roles=[])

    def test_the_log_names_each_of_them_by_name(self, office: Office, log: Log) -> None:
        odd = Officer("Alice, Bob and Charlie", frozenset({"analyst"}))
        for officer in (ALICE, BOB, CHARLIE, odd):
            intake.status(office, officer)
        assert [who for who, _, _ in log(office)] == ["alice", "bob", "charlie", "Alice, Bob and Charlie"]

    def test_a_role_that_nobody_gave_may_do_nothing(self, office: Office, log: Log) -> None:
        for role in ("", "Analyst", "root", "staff", "content"):
            with pytest.raises(DeniedError):
                intake.status(office, Officer("mallory", frozenset({role})))
        assert log(office) == [("mallory", "lists.read", "refused")] * 5

    def test_the_newest_rows_of_the_log_come_first_and_reading_it_is_logged(self, timed: Office, clock: Clock) -> None:
        intake.status(timed, BOB)
        clock.move(minutes=1)
        found = trail.find(timed, ALICE, limit=10).rows
        assert [(row.verb, row.officer) for row in found[:2]] == [("log.read", "alice"), ("lists.read", "bob")]
        assert [row.at for row in found[:2]] == ["2026-03-01T09:01:00.000000+00:00", "2026-03-01T09:00:00.000000+00:00"]
        with pytest.raises(InputError):
            trail.find(timed, ALICE, limit=-1)
