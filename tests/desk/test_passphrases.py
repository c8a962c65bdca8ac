"""Passphrases: kept as Argon2id, the same words for every wrong try, and ever longer waits for who guesses."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import pytest

from lintas.desk import officers, passphrases, sessions, trail
from lintas.desk.office import Office
from lintas.model.errors import DeniedError, InputError, SignInError, UnavailableError
from lintas.store import officers as stored
from tests.desk.cast import ALICE, BOB, enlist
from tests.desk.conftest import Clock
from tests.desk.entries import rows

WORDS = "heron lantern mango tide"
OTHERS = "seven quiet teak boats"
Log = Callable[[Office], list[tuple[str, str, str]]]


def refused(office: Office, name: str, passphrase: str) -> tuple[str, str, str]:
    """What who is not let in reads."""
    with pytest.raises(SignInError) as caught:
        passphrases.sign_in(office, name, passphrase)
    return caught.value.what, caught.value.do, caught.value.code


@pytest.fixture
def kept(timed: Office) -> Office:
    """A node on which Bob has a passphrase."""
    passphrases.set_own(timed, BOB, WORDS)
    return timed


def test_the_right_one_signs_in(kept: Office, log: Log) -> None:
    session = passphrases.sign_in(kept, "bob", WORDS)
    assert sessions.holder(kept, session, "session").id == "bob"
    assert log(kept)[-1] == ("bob", "sign_in", "done")


def test_it_is_kept_as_argon2id_with_a_salt_of_its_own(kept: Office) -> None:
    passphrases.set_own(kept, ALICE, WORDS)
    encoded = [value for row in rows(kept, "officers")["officers"] for value in row if "$argon2" in str(value)]
    assert len({*encoded}) == 2
    # RFC 9106, section 4: the second recommended option.
    assert all(str(one).startswith("$argon2id$v=19$m=65536,t=3,p=4$") for one in encoded)
    assert not any(WORDS in str(row) for row in rows(kept, "officers")["officers"])


@pytest.mark.parametrize(
    ("name", "passphrase"),
    [
        ("bob", WORDS + "!"),
        ("bob", ""),
        ("bob", WORDS[:-1]),
        ("bob", "x" * 100_000),
        ("bob", "\x00"),
        ("bob", "\udcff" * 20),
        ("alice", WORDS),  # has none
        ("nobody", WORDS),
        ("", ""),
        ("\x00", WORDS),
        ("bob\x00", WORDS),
        ("bob' --", WORDS),
        ("\udcff", WORDS),
        ("b" * 100_000, WORDS),
    ],
)
def test_every_wrong_try_reads_the_same_and_is_logged(kept: Office, log: Log, name: str, passphrase: str) -> None:
    assert refused(kept, name, passphrase) == refused(kept, "bob", "wrong")
    assert log(kept)[-2:] == [("nobody", "sign_in", "refused")] * 2
    assert rows(kept, "credentials")["credentials"] == []


def test_a_passphrase_that_slipped_into_the_field_of_the_name_is_not_in_the_log(kept: Office) -> None:
    refused(kept, WORDS, "")
    refused(kept, "bob", "wrong")
    said = [row.object for row in trail.find(kept, ALICE).rows if row.outcome == "refused"]
    assert said == ["the passphrase of bob", "the passphrase of nobody known here"]


def test_who_is_disabled_reads_the_same(kept: Office) -> None:
    officers.disable(kept, ALICE, "bob")
    assert refused(kept, "bob", WORDS) == refused(kept, "nobody", WORDS)
    officers.enable(kept, ALICE, "bob")
    passphrases.sign_in(kept, "bob", WORDS)


def test_after_five_wrong_ones_even_the_right_one_waits_and_ever_longer(kept: Office, clock: Clock) -> None:
    for _ in range(passphrases.FREE_TRIES):
        refused(kept, "bob", "wrong")
    waits_s = []
    for _ in range(7):
        waited = 0
        while not _is_heard(kept):
            clock.move(seconds=5)
            waited += 5
        waits_s.append(waited)
        refused(kept, "bob", "wrong")
    assert waits_s == [30, 60, 120, 240, 480, 900, 900]


def _is_heard(office: Office) -> bool:
    """Whether a try would count now: while a wait lasts nothing changes."""
    with office.database.read() as connection:
        known = stored.passphrase(connection, "bob")
    assert known is not None
    return known.waits_until is None or known.waits_until <= office.now()


def test_the_right_one_in_a_wait_is_refused_and_after_it_lets_in_and_forgets(kept: Office, clock: Clock) -> None:
    for _ in range(5):
        refused(kept, "bob", "wrong")
    before = rows(kept, "officers")
    assert refused(kept, "bob", WORDS) == refused(kept, "bob", "wrong")
    assert rows(kept, "officers") == before  # a try in a wait does not make it longer
    clock.move(seconds=30)
    passphrases.sign_in(kept, "bob", WORDS)
    for _ in range(4):
        refused(kept, "bob", "wrong")
    passphrases.sign_in(kept, "bob", WORDS)


def test_guessing_at_one_officer_keeps_no_other_out(kept: Office) -> None:
    passphrases.set_own(kept, ALICE, OTHERS)
    for _ in range(6):
        refused(kept, "bob", "wrong")
    passphrases.sign_in(kept, "alice", OTHERS)


def test_of_many_guesses_at_once_none_is_free(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passphrases, "WAITS_S", 600)  # a busy machine is no failure
    enlist(office)
    passphrases.set_own(office, BOB, WORDS)
    start = threading.Barrier(12)

    def guess() -> None:
        start.wait()
        refused(office, "bob", "wrong")

    threads = [threading.Thread(target=guess) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with office.database.read() as connection:
        known = stored.passphrase(connection, "bob")
    assert known is not None
    assert known.n_failed == passphrases.FREE_TRIES  # the others came in the wait
    refused(office, "bob", WORDS)


def test_more_than_there_is_memory_for_are_told_to_wait(sqlite_timed: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    passphrases.set_own(sqlite_timed, BOB, WORDS)
    monkeypatch.setattr(passphrases, "WAITS_S", 0)
    with passphrases._place(), passphrases._place(), passphrases._place(), passphrases._place():
        with pytest.raises(UnavailableError) as caught:
            passphrases.sign_in(sqlite_timed, "bob", WORDS)
        assert caught.value.code == "busy"
    passphrases.sign_in(sqlite_timed, "bob", WORDS)


@pytest.mark.parametrize(
    "passphrase", ["", "short", "fourteen chars", "a" * 40, "abab" * 10, "x" * 257, "this is bobby, bob bob bob" * 11]
)
def test_a_weak_one_is_refused(timed: Office, passphrase: str) -> None:
    with pytest.raises(InputError) as caught:
        passphrases.set_own(timed, BOB, passphrase)
    assert caught.value.code == "weak_passphrase"


def test_ones_own_name_is_no_passphrase(timed: Office) -> None:
    with pytest.raises(InputError):
        passphrases.set_own(timed, ALICE, "the node of ALICE herself")


@pytest.mark.parametrize(
    "passphrase",
    ["สมพงษ์ ปลาทู กล้วยไม้ ทะเล", "ငါး ပန်း ရေ တောင် မိုး", "  leading and trailing  ", "🐟🌊🏔️🌙🔥 fish sea hill moon"],
)
def test_any_script_and_any_sign_will_do(timed: Office, passphrase: str) -> None:
    passphrases.set_own(timed, BOB, passphrase)
    passphrases.sign_in(timed, "bob", passphrase)
    refused(timed, "bob", passphrase.strip() + ".")


def test_to_change_it_takes_the_one_so_far_and_ends_every_other_session(kept: Office, clock: Clock) -> None:
    here, there = (passphrases.sign_in(kept, "bob", WORDS) for _ in range(2))
    bob = sessions.holder(kept, here, "session")
    for wrong in ("", "wrong", OTHERS):
        with pytest.raises(DeniedError) as caught:
            passphrases.set_own(kept, bob, OTHERS, wrong)
        assert caught.value.code == "wrong_passphrase"
    passphrases.set_own(kept, bob, OTHERS, WORDS)
    assert sessions.holder(kept, here, "session").id == "bob"
    with pytest.raises(SignInError):
        sessions.holder(kept, there, "session")
    refused(kept, "bob", WORDS)
    passphrases.sign_in(kept, "bob", OTHERS)


def test_who_took_a_session_cannot_guess_the_passphrase_so_far_either(kept: Office, clock: Clock) -> None:
    bob = sessions.holder(kept, passphrases.sign_in(kept, "bob", WORDS), "session")
    for _ in range(5):
        with pytest.raises(DeniedError):
            passphrases.set_own(kept, bob, OTHERS, "wrong")
    with pytest.raises(DeniedError):
        passphrases.set_own(kept, bob, OTHERS, WORDS)
    clock.move(seconds=30)
    passphrases.set_own(kept, bob, OTHERS, WORDS)


def test_the_first_one_is_set_only_by_who_signed_in_just_now(timed: Office, clock: Clock) -> None:
    bob = sessions.holder(timed, sessions.sign_in(timed, sessions.create_link(timed, BOB)), "session")
    clock.move(minutes=15)
    with pytest.raises(DeniedError) as caught:
        passphrases.set_own(timed, bob, WORDS)
    assert caught.value.code == "sign_in_again"
    anew = sessions.holder(timed, sessions.sign_in(timed, sessions.create_link(timed, BOB)), "session")
    passphrases.set_own(timed, anew, WORDS)


def test_a_program_sets_none(timed: Office) -> None:
    program = sessions.holder(timed, sessions.create_token(timed, BOB), "token")
    with pytest.raises(DeniedError):
        passphrases.set_own(timed, program, WORDS)


class Places(threading.BoundedSemaphore):
    """The places, which tell of everybody who waits for one, and let no more wait than may."""

    def __init__(self) -> None:
        super().__init__(passphrases.AT_ONCE)
        self.free_to_wait, self.came = threading.Semaphore(passphrases.MOST_WAIT), threading.Semaphore(0)

    def acquire(self, blocking: bool = True, timeout: float | None = None) -> bool:
        if blocking:
            assert self.free_to_wait.acquire(blocking=False), "one more waits"
            self.came.release()
        return super().acquire(blocking, timeout)


@contextmanager
def crowded(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """All places are taken, and as many wait for one as may."""
    places = Places()
    monkeypatch.setattr(passphrases, "_PLACES", places)
    monkeypatch.setattr(passphrases, "WAITS_S", 600)  # nobody gives up

    def wait() -> None:
        with passphrases._place():
            pass

    threads = [threading.Thread(target=wait) for _ in range(passphrases.MOST_WAIT)]
    with ExitStack() as taken:
        for _ in range(passphrases.AT_ONCE):
            taken.enter_context(passphrases._place())
        for thread in threads:
            thread.start()
        for _ in threads:
            assert places.came.acquire(timeout=60)
        yield
    for thread in threads:
        thread.join()


def test_who_comes_when_enough_wait_is_refused_at_once(sqlite_timed: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each who waits holds a thread of those that answer everybody."""
    passphrases.set_own(sqlite_timed, BOB, WORDS)
    with crowded(monkeypatch):
        for _ in range(3):
            with pytest.raises(UnavailableError) as caught:
                passphrases.sign_in(sqlite_timed, "nobody", WORDS)
            assert caught.value.code == "busy"
    passphrases.sign_in(sqlite_timed, "bob", WORDS)
