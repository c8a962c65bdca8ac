"""Passkeys: who has the key and unlocks it is signed in, here, once; nobody else is, and the log says why."""

import threading
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lintas.desk import officers, passkeys, profile, sessions, trail
from lintas.desk.office import Office
from lintas.desk.origin import Origin
from lintas.model.errors import ConflictError, DeniedError, InputError, NotFoundError, SignInError
from lintas.model.officer import Officer
from tests.desk.authenticator import HAS_KEY, PRESENT, VERIFIED, Authenticator
from tests.desk.cast import ALICE, BOB, enlist
from tests.desk.conftest import Clock
from tests.desk.entries import rows

HERE = Origin("https", "node.example", 443)
PHISHER = "https://node.example.evil.example"


def registered(office: Office, officer: Officer = BOB, label: str = "key on my ring", **changed: int) -> Authenticator:
    """A passkey of an officer."""
    made = Authenticator(**changed)  # type: ignore[arg-type]
    passkeys.add(office, officer, HERE, made.make(passkeys.offer(office, officer, HERE), str(HERE)), label)
    return made


def why(office: Office) -> str:
    """The last thing that was refused."""
    return next(row.object for row in trail.find(office, ALICE).rows if row.outcome == "refused")


def refused(office: Office, answer: str, origin: Origin = HERE) -> str:
    """That an answer signs nobody in, in the words that are always said; why is in the log."""
    n = len(rows(office, "credentials")["credentials"])
    with pytest.raises(SignInError) as caught:
        passkeys.sign_in(office, origin, answer)
    assert caught.value.what == "This passkey does not sign anybody in here"
    assert len(rows(office, "credentials")["credentials"]) == n
    return why(office)


def test_a_passkey_is_made_and_signs_its_officer_in(timed: Office) -> None:
    key = registered(timed)
    session = passkeys.sign_in(timed, HERE, key.sign(passkeys.ask(timed, HERE), str(HERE)))
    assert sessions.holder(timed, session, "session").id == "bob"
    (held,) = profile.show(timed, BOB).passkeys
    assert (held.label, held.used_at) == ("key on my ring", timed.now())


def test_what_the_browser_is_asked_for(timed: Office) -> None:
    key = registered(timed)
    new, old = passkeys.offer(timed, BOB, HERE), passkeys.ask(timed, HERE)
    wanted = {"residentKey": "required", "requireResidentKey": True, "userVerification": "required"}
    assert new["authenticatorSelection"] == wanted
    assert (new["attestation"], new["rp"]["id"], old["rpId"]) == ("none", "node.example", "node.example")
    assert [len(one["id"]) for one in new["excludeCredentials"]] == [len(key.key_id) * 4 // 3 + 1]
    assert (old["userVerification"], old["allowCredentials"]) == ("required", [])
    assert "bob" not in str(new["user"]["id"])
    assert new["challenge"] != old["challenge"]
    assert {new["timeout"], old["timeout"]} == {300_000}


def test_an_answer_counts_once(timed: Office) -> None:
    answer = (key := registered(timed)).sign(passkeys.ask(timed, HERE), str(HERE))
    passkeys.sign_in(timed, HERE, answer)
    assert "answered before" in refused(timed, answer)
    new = key.make(passkeys.offer(timed, BOB, HERE), str(HERE))
    for _ in range(2):
        with pytest.raises((ConflictError, InputError)):
            passkeys.add(timed, BOB, HERE, new, "")


@pytest.mark.parametrize(("minutes", "works"), [(4.99, True), (5, False)])
def test_an_answer_has_five_minutes(timed: Office, clock: Clock, minutes: float, works: bool) -> None:
    answer = registered(timed).sign(passkeys.ask(timed, HERE), str(HERE))
    clock.move(minutes=minutes)
    if works:
        passkeys.sign_in(timed, HERE, answer)
    else:
        assert "too late" in refused(timed, answer)


def test_an_answer_made_for_another_site_is_worth_nothing(timed: Office) -> None:
    key = registered(timed)
    for origin in (PHISHER, "http://node.example", "https://node.example:8443", "null", ""):
        assert "origin" in refused(timed, key.sign(passkeys.ask(timed, HERE), origin))
    key.party = "evil.example"
    assert "RP ID" in refused(timed, key.sign(passkeys.ask(timed, HERE), str(HERE)))
    key.party = ""
    answer = key.sign(passkeys.ask(timed, HERE), str(HERE))
    assert "origin" in refused(timed, answer, Origin("https", "other.example", 443))


@pytest.mark.parametrize("flags", [PRESENT, VERIFIED, 0])
def test_who_did_not_unlock_the_key_is_not_let_in(timed: Office, flags: int) -> None:
    key = registered(timed)
    key.flags = flags
    assert "bob" in refused(timed, key.sign(passkeys.ask(timed, HERE), str(HERE)))
    made = Authenticator(flags=flags)
    with pytest.raises(InputError):
        passkeys.add(timed, BOB, HERE, made.make(passkeys.offer(timed, BOB, HERE), str(HERE)), "")


def test_a_count_that_goes_back_is_a_copy(timed: Office) -> None:
    key = registered(timed)
    for count in (5, 6):
        key.count = count
        passkeys.sign_in(timed, HERE, key.sign(passkeys.ask(timed, HERE), str(HERE)))
    for count in (6, 5, 1, 0):
        key.count = count
        said = refused(timed, key.sign(passkeys.ask(timed, HERE), str(HERE)))
        assert f"count went back from 6 to {count}" in said
    key.count = 7
    passkeys.sign_in(timed, HERE, key.sign(passkeys.ask(timed, HERE), str(HERE)))


def test_a_key_that_does_not_count_works_every_time(timed: Office) -> None:
    key = registered(timed)
    for _ in range(3):
        passkeys.sign_in(timed, HERE, key.sign(passkeys.ask(timed, HERE), str(HERE)))


def test_a_key_that_was_removed_signs_nobody_in(timed: Office) -> None:
    key, other = registered(timed), registered(timed, label="the other")
    (first,) = (one for one in profile.show(timed, BOB).passkeys if one.label == "key on my ring")
    with pytest.raises(NotFoundError):
        passkeys.remove(timed, ALICE, first.id)
    passkeys.remove(timed, BOB, first.id)
    assert "nobody's" in refused(timed, key.sign(passkeys.ask(timed, HERE), str(HERE)))
    passkeys.sign_in(timed, HERE, other.sign(passkeys.ask(timed, HERE), str(HERE)))


def test_a_disabled_officer_is_not_let_in_and_a_reset_takes_every_key(timed: Office) -> None:
    key = registered(timed)
    officers.disable(timed, ALICE, "bob")
    assert "disabled" in refused(timed, key.sign(passkeys.ask(timed, HERE), str(HERE)))
    officers.enable(timed, ALICE, "bob")
    officers.reset(timed, ALICE, "bob")
    assert "nobody's" in refused(timed, key.sign(passkeys.ask(timed, HERE), str(HERE)))


def test_a_key_of_one_does_not_pass_for_that_of_another(timed: Office) -> None:
    of_bob, of_alice = registered(timed), registered(timed, ALICE)
    of_bob.handle = of_alice.handle
    assert "another officer" in refused(timed, of_bob.sign(passkeys.ask(timed, HERE), str(HERE)))
    forged = replace(of_bob, handle=of_alice.handle, key_id=of_alice.key_id)
    assert "signature" in refused(timed, forged.sign(passkeys.ask(timed, HERE), str(HERE)))


def test_what_one_officer_was_offered_is_not_kept_for_another(timed: Office) -> None:
    answer = Authenticator().make(passkeys.offer(timed, BOB, HERE), str(HERE))
    with pytest.raises(InputError) as caught:
        passkeys.add(timed, ALICE, HERE, answer, "")
    assert caught.value.code == "bad_passkey"
    assert "another officer was asked" in why(timed)
    assert profile.show(timed, ALICE).passkeys == profile.show(timed, BOB).passkeys == ()


def test_a_key_is_kept_once_whoever_brings_it(timed: Office) -> None:
    key = registered(timed)
    with pytest.raises(ConflictError) as caught:
        passkeys.add(timed, ALICE, HERE, key.make(passkeys.offer(timed, ALICE, HERE), str(HERE)), "mine now")
    assert caught.value.code == "passkey_exists"
    assert [one.officer for one in profile.show(timed, BOB).passkeys] == ["bob"]


def test_what_was_asked_to_sign_in_makes_no_key_and_the_other_way_round(timed: Office) -> None:
    key = registered(timed)
    asked, offered = passkeys.ask(timed, HERE), passkeys.offer(timed, BOB, HERE)
    with pytest.raises(InputError):
        passkeys.add(
            timed, BOB, HERE, Authenticator().make({**offered, "challenge": asked["challenge"]}, str(HERE)), ""
        )
    assert "nothing that was asked" in refused(timed, key.sign({**asked, "challenge": offered["challenge"]}, str(HERE)))


def test_a_key_is_made_and_removed_only_by_who_signed_in_just_now(timed: Office, clock: Clock) -> None:
    secret = sessions.sign_in(timed, sessions.create_link(timed, BOB))
    bob = sessions.holder(timed, secret, "session")
    clock.move(minutes=14.9)
    registered(timed, bob)
    (held,) = profile.show(timed, bob).passkeys
    offered = passkeys.offer(timed, bob, HERE)
    clock.move(minutes=0.1)
    late_ones: list[Callable[[], object]] = [
        lambda: passkeys.offer(timed, bob, HERE),
        lambda: passkeys.add(timed, bob, HERE, Authenticator().make(offered, str(HERE)), ""),
        lambda: passkeys.remove(timed, bob, held.id),
    ]
    for late in late_ones:
        with pytest.raises(DeniedError) as caught:
            late()
        assert caught.value.code == "sign_in_again"
    assert not profile.show(timed, bob).is_recent
    assert len(profile.show(timed, bob).passkeys) == 1


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "10.0.0.5"])
def test_no_key_is_for_an_ip_address(sqlite_timed: Office, host: str) -> None:
    at = Origin("http", host, 8000)
    asks: list[Callable[[], object]] = [
        lambda: passkeys.offer(sqlite_timed, BOB, at),
        lambda: passkeys.ask(sqlite_timed, at),
    ]
    for ask in asks:
        with pytest.raises(InputError) as caught:
            ask()
        assert caught.value.code == "no_name"


def test_an_officer_has_a_score_of_keys_at_most(sqlite_timed: Office) -> None:
    for n in range(passkeys.MOST):
        registered(sqlite_timed, label=f"{n}")
    with pytest.raises(ConflictError):
        passkeys.offer(sqlite_timed, BOB, HERE)


def test_what_nobody_answered_is_forgotten(timed: Office, clock: Clock) -> None:
    for _ in range(3):
        passkeys.ask(timed, HERE)
    clock.move(minutes=5)
    passkeys.ask(timed, HERE)
    assert len(rows(timed, "challenges")["challenges"]) == 1


JUNK = st.one_of(
    st.text(max_size=200),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.just("public-key"),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from("id rawId type response clientDataJSON signature".split()), inner)
        ),
        max_leaves=8,
    ).map(repr),
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(junk=JUNK)
def test_what_is_no_answer_is_refused_without_a_fall(sqlite_timed: Office, junk: str) -> None:
    refused(sqlite_timed, junk)
    with pytest.raises(InputError):
        passkeys.add(sqlite_timed, BOB, HERE, junk, "")


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(0, 9_999), letter=st.sampled_from("ABab01"))
def test_an_answer_in_which_one_letter_was_changed_is_refused(sqlite_timed: Office, place: int, letter: str) -> None:
    officers.reset(sqlite_timed, ALICE, "bob")  # after the example before
    answer = registered(sqlite_timed).sign(passkeys.ask(sqlite_timed, HERE), str(HERE))
    values = [at for at in range(answer.index('"response"'), len(answer)) if answer[at].isalnum()]
    at = values[place % len(values)]
    changed = answer[:at] + letter + answer[at + 1 :]
    if changed == answer or changed[at + 1] == '"':  # the last letter of base64url may hold bits that say nothing
        return
    refused(sqlite_timed, changed)


def test_flags_are_what_the_specification_calls_them() -> None:
    """WebAuthn level 3, 6.1: bit 0 present, bit 2 verified, bit 6 a key is included."""
    assert (PRESENT, VERIFIED, HAS_KEY) == (1 << 0, 1 << 2, 1 << 6)


def test_every_step_is_in_the_log(timed: Office, log: Callable[[Office], list[tuple[str, str, str]]]) -> None:
    key = registered(timed)
    passkeys.sign_in(timed, HERE, key.sign(passkeys.ask(timed, HERE), str(HERE)))
    passkeys.remove(timed, BOB, profile.show(timed, BOB).passkeys[0].id)
    assert log(timed) == [
        ("bob", "profile.change", "asked"),
        ("bob", "profile.change", "asked"),
        ("bob", "profile.change", "done"),
        ("bob", "sign_in", "done"),
        ("bob", "profile.read", "asked"),
        ("bob", "profile.change", "asked"),
        ("bob", "profile.change", "done"),
    ]


def test_of_many_who_send_one_answer_at_once_one_is_signed_in(office: Office) -> None:
    enlist(office)
    answer = registered(office).sign(passkeys.ask(office, HERE), str(HERE))
    start = threading.Barrier(6)
    ended: list[str] = []

    def send() -> None:
        start.wait()
        try:
            passkeys.sign_in(office, HERE, answer)
            ended.append("in")
        except SignInError:
            ended.append("out")

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ended) == ["in"] + ["out"] * 5
