"""Two at once: a reset against who is just being let in, and two administrators who disable each other.

What comes in between is run at the very place, so that nothing hangs on which thread is quicker.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Connection, event

from lintas.desk import officers, oidc, passkeys, passphrases, provider, sessions
from lintas.desk.office import Office
from lintas.desk.origin import Origin
from lintas.model.errors import ConflictError, SignInError, UnavailableError
from lintas.model.officer import Officer
from tests.desk.authenticator import Authenticator
from tests.desk.cast import ALICE, BOB, CHARLIE, enlist
from tests.desk.entries import rows
from tests.desk.test_oidc import HERE as AT_HERE
from tests.desk.test_oidc import answered
from tests.oidc.running import ENVIRONMENT
from tests.oidc.running import provider as running

HERE = Origin("https", "node.example", 443)
WORDS, OTHERS = "heron lantern mango tide", "seven quiet teak boats"
Evict = Callable[[Office], object]
Act = Callable[[Office, Officer], object]


def reset(office: Office) -> None:
    officers.reset(office, ALICE, "bob")


def disable(office: Office) -> None:
    officers.disable(office, ALICE, "bob")


def take_another_passphrase(office: Office) -> None:
    passphrases.set_own(office, BOB, OTHERS, WORDS)


def before_the_write(office: Office, act: Evict) -> Office:
    """The same node; `act` is done to it when a secret is made, which is after every check and before the write."""

    def secret() -> str:
        act(office)
        return office.secret()

    return replace(office, secret=secret)


def once_after_argon2(patch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """`act` is done when a passphrase was checked or hashed for the first time from now on."""
    real, due = passphrases._place, [act]

    @contextmanager
    def place() -> Iterator[None]:
        with real():
            yield
        if due:
            due.pop()()

    patch.setattr(passphrases, "_place", place)


@contextmanager
def impatient(office: Office) -> Iterator[None]:
    """Whoever meets a lock in this block is told so at once."""
    engine = office.database.engine

    def on_sqlite(connection: Any, *_: Any) -> None:
        connection.execute("PRAGMA busy_timeout=1")

    def on_postgresql(connection: Connection) -> None:
        connection.exec_driver_sql("SET LOCAL lock_timeout='1ms'")

    told = ("checkout", on_sqlite) if engine.dialect.name == "sqlite" else ("begin", on_postgresql)
    event.listen(engine, *told)
    try:
        yield
    finally:
        event.remove(engine, *told)


def taken_away(office: Office, act: Callable[[], object], kind: str = "session") -> None:
    """That `act` lets nobody in."""
    with pytest.raises(SignInError) as caught:
        act()
    assert caught.value.code == "taken_away"
    assert [row for row in rows(office, "credentials")["credentials"] if row[1] == kind and row[2] == "bob"] == []


@pytest.fixture
def bob(timed: Office) -> Officer:
    """Bob, who is signed in: or a thief of his session."""
    return sessions.holder(timed, sessions.begin(timed, BOB, "a link"), "session")


class TestSigningIn:
    @pytest.mark.parametrize("evict", [reset, disable, take_another_passphrase])
    def test_no_passphrase_that_was_checked_before_signs_in_after(
        self, timed: Office, monkeypatch: pytest.MonkeyPatch, evict: Evict
    ) -> None:
        passphrases.set_own(timed, BOB, WORDS)
        sooner = before_the_write(timed, evict)
        taken_away(timed, lambda: passphrases.sign_in(sooner, "bob", WORDS))
        if evict is not disable:
            officers.reset(timed, ALICE, "bob")
            passphrases.set_own(timed, BOB, WORDS)
            once_after_argon2(monkeypatch, lambda: evict(timed))
            with pytest.raises(SignInError):
                passphrases.sign_in(timed, "bob", WORDS)

    @pytest.mark.parametrize("evict", [reset, disable, take_another_passphrase])
    def test_no_link_that_was_used_before_signs_in_after(self, timed: Office, evict: Evict) -> None:
        passphrases.set_own(timed, BOB, WORDS)
        link = sessions.create_link(timed, BOB)
        taken_away(timed, lambda: sessions.sign_in(before_the_write(timed, evict), link))

    @pytest.mark.parametrize("evict", [reset, disable])
    def test_no_passkey_that_signed_before_signs_in_after(self, timed: Office, evict: Evict) -> None:
        key = Authenticator()
        passkeys.add(timed, BOB, HERE, key.make(passkeys.offer(timed, BOB, HERE), str(HERE)), "")
        answer = key.sign(passkeys.ask(timed, HERE), str(HERE))
        taken_away(timed, lambda: passkeys.sign_in(before_the_write(timed, evict), HERE, answer))

    @pytest.mark.xdist_group("oidc")
    @pytest.mark.parametrize("evict", [reset, disable])
    def test_nobody_bound_at_a_provider_before_signs_in_after(self, office: Office, evict: Evict) -> None:
        enlist(office)
        with running() as issuer:
            there = provider.configured({**ENVIRONMENT, "LINTAS_OIDC_ISSUER": issuer, "LINTAS_OIDC_NAME": "Sign-on"})
            assert there is not None
            oidc.bind(office, ALICE, "bob", there.issuer, "b.santoso")
            left = oidc.ask(office, there, AT_HERE, "/")
            answer, sooner = answered(left), before_the_write(office, evict)
            taken_away(office, lambda: oidc.sign_in(sooner, there, AT_HERE, left.browser, answer))

    def test_a_reset_waits_for_a_sign_in_that_is_being_written(self, timed: Office) -> None:
        """And then ends it; else it would read past a session that is not there yet."""
        held_off = []

        def proof(_: Connection) -> bool:
            with impatient(timed), pytest.raises(UnavailableError):
                reset(timed)
            held_off.append(True)
            return True

        session = sessions.begin(timed, BOB, "a link", proof=proof)
        assert held_off == [True]
        reset(timed)
        with pytest.raises(SignInError):
            sessions.holder(timed, session, "session")


class TestAStolenSession:
    @pytest.mark.parametrize("evict", [reset, disable])
    @pytest.mark.parametrize("old", ["", WORDS])
    def test_sets_no_passphrase_after(
        self, timed: Office, monkeypatch: pytest.MonkeyPatch, bob: Officer, old: str, evict: Evict
    ) -> None:
        if old:
            passphrases.set_own(timed, bob, old)
        once_after_argon2(monkeypatch, lambda: evict(timed))
        taken_away(timed, lambda: passphrases.set_own(timed, bob, OTHERS, old))
        if evict is disable:
            officers.enable(timed, ALICE, "bob")
        with pytest.raises(SignInError):
            passphrases.sign_in(timed, "bob", OTHERS)

    def test_sets_none_over_one_that_was_set_meanwhile(
        self, timed: Office, monkeypatch: pytest.MonkeyPatch, bob: Officer
    ) -> None:
        passphrases.set_own(timed, bob, WORDS)
        once_after_argon2(monkeypatch, lambda: passphrases.set_own(timed, bob, OTHERS, WORDS))
        with pytest.raises(SignInError):
            passphrases.set_own(timed, bob, "nine green paper kites", WORDS)
        assert passphrases.sign_in(timed, "bob", OTHERS)

    @pytest.mark.parametrize("evict", [reset, disable])
    def test_makes_no_token_after(self, timed: Office, bob: Officer, evict: Evict) -> None:
        sooner = before_the_write(timed, evict)
        taken_away(timed, lambda: sessions.create_token(sooner, bob), "token")

    def test_adds_no_passkey_and_binds_nobody_after(
        self, timed: Office, monkeypatch: pytest.MonkeyPatch, bob: Officer
    ) -> None:
        made, real = Authenticator(), passkeys._made

        def then_reset(*given: Any) -> Any:
            found = real(*given)
            reset(timed)
            return found

        monkeypatch.setattr(passkeys, "_made", then_reset)
        answer = made.make(passkeys.offer(timed, bob, HERE), str(HERE))
        taken_away(timed, lambda: passkeys.add(timed, bob, HERE, answer, ""))
        taken_away(timed, lambda: oidc._bind(timed, bob, "profile.change", "bob", "https://sso.example", "b"))
        found = rows(timed, "passkeys", "identities")
        assert (found["passkeys"], found["identities"]) == ([], [])


def unseat(office: Office, officer: Officer) -> None:
    """Take the other administrator's seat."""
    officers.disable(office, officer, "charlie" if officer.id == "alice" else "alice")


def demote(office: Office, officer: Officer) -> None:
    officers.change(office, officer, "charlie" if officer.id == "alice" else "alice", roles=["analyst"])


@pytest.mark.parametrize("first", [unseat, demote])
@pytest.mark.parametrize("second", [unseat, demote])
def test_of_two_administrators_who_unseat_each_other_one_is_left(
    timed: Office, monkeypatch: pytest.MonkeyPatch, first: Act, second: Act
) -> None:
    real = officers._require_another_administrator
    held_off: list[bool] = []

    def check(*given: Any) -> None:
        real(*given)
        if not held_off:
            held_off.append(True)
            with impatient(timed), pytest.raises(UnavailableError):
                second(timed, CHARLIE)

    monkeypatch.setattr(officers, "_require_another_administrator", check)
    first(timed, ALICE)
    assert held_off
    with pytest.raises(ConflictError) as caught:
        second(timed, CHARLIE)
    assert caught.value.code == "last_administrator"
