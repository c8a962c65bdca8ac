"""Signing in with the agency's OpenID provider, against a real one; and what is refused when it lies or is away."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from lintas.desk import officers, oidc, profile, provider, recent, sessions, trail
from lintas.desk.office import Office
from lintas.desk.oidc import Departure
from lintas.desk.origin import Origin
from lintas.desk.provider import Provider
from lintas.model.errors import (
    ConflictError,
    DeniedError,
    FileError,
    InputError,
    LintasError,
    NotFoundError,
    SignInError,
    UnavailableError,
)
from lintas.store.tables import challenges
from tests.desk.cast import ALICE, BOB, enlist
from tests.desk.entries import rows
from tests.oidc.running import ENVIRONMENT, sign_in_there, sign_in_with
from tests.oidc.running import provider as running

pytestmark = pytest.mark.xdist_group("oidc")
HERE = Origin("http", "127.0.0.1", 8000)
Answer = Mapping[str, str]


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with running() as found:
        yield found


@pytest.fixture
def there(issuer: str) -> Iterator[Provider]:
    """The provider, in its right mind before and after."""
    found = provider.configured({**ENVIRONMENT, "LINTAS_OIDC_ISSUER": issuer, "LINTAS_OIDC_NAME": "Agency sign-on"})
    assert found is not None
    yield found
    twist(found, "")


@pytest.fixture
def bound(office: Office, there: Provider) -> Office:
    """A node on which Bob is bound to `b.santoso`. It lives by the real clock, as the provider does."""
    enlist(office)
    oidc.bind(office, ALICE, "bob", there.issuer, "b.santoso")
    return office


def twist(there: Provider, mode: str) -> None:
    httpx.get(f"{there.issuer}/twist/{mode}").raise_for_status()


def answered(departure: Departure, name: str = "b.santoso") -> dict[str, str]:
    """What the provider sends back for who signs in there."""
    back = sign_in_there(departure.address, name)
    assert back.startswith(f"{HERE}{oidc.BACK}?")
    return {key: values[0] for key, values in parse_qs(urlsplit(back).query).items()}


def signed_in(office: Office, there: Provider, name: str = "b.santoso") -> str:
    departure = oidc.ask(office, there, HERE, "/runs")
    return oidc.sign_in(office, there, HERE, departure.browser, answered(departure, name)).session


def refused(office: Office, act: Callable[[], object], code: str = "wrong_answer") -> str:
    """That it signs nobody in; why, as the log has it."""
    with pytest.raises(SignInError) as caught:
        act()
    assert caught.value.code == code
    assert [row for row in rows(office, "credentials")["credentials"] if row[1] == "session"] == []
    return next(row.object for row in trail.find(office, ALICE).rows if row.outcome == "refused")


def test_who_is_bound_is_signed_in_and_goes_where_they_wanted(bound: Office, there: Provider) -> None:
    departure = oidc.ask(bound, there, HERE, "/runs/1")
    arrival = oidc.sign_in(bound, there, HERE, departure.browser, answered(departure))
    assert sessions.holder(bound, arrival.session, "session").id == "bob"
    assert arrival.back == "/runs/1"
    done = next(row for row in trail.find(bound, ALICE).rows if row.verb == "sign_in")
    assert (done.officer, done.object, done.outcome) == ("bob", "Agency sign-on", "done")


def test_the_provider_is_asked_with_a_state_a_nonce_and_a_verifier_of_their_own(bound: Office, there: Provider) -> None:
    asked = [parse_qs(urlsplit(oidc.ask(bound, there, HERE, "/").address).query) for _ in range(2)]
    for name in ("state", "nonce", "code_challenge"):
        first, second = (one[name][0] for one in asked)
        assert first != second
        assert len(first) == 43  # 256 bits
    fixed = {name: values[0] for name, values in asked[0].items() if name in asked[0] and values == asked[1][name]}
    assert fixed == {
        "response_type": "code",
        "client_id": "lintas",
        "redirect_uri": f"{HERE}{oidc.BACK}",
        "scope": "openid",
        "code_challenge_method": "S256",
        "max_age": "3600",
    }


def test_who_is_to_sign_in_anew_is_asked_there_though_they_are_signed_in(bound: Office, there: Provider) -> None:
    alice = sessions.holder(bound, sessions.begin(bound, ALICE, "a link"), "session")
    departures = [
        oidc.ask(bound, there, HERE, "/"),
        oidc.ask(bound, there, HERE, "/"),
        oidc.ask(bound, there, HERE, "/", anew=True),
        oidc.ask_to_bind(bound, alice, there, HERE),
    ]
    with httpx.Client(timeout=30) as browser:
        was_asked = [sign_in_with(browser, one.address, "b.santoso")[1] for one in departures]
    assert was_asked == [True, False, True, True]


@pytest.mark.parametrize(("twisted", "anew"), [("4000", False), ("none", False), ("none", True), ("120", True)])
def test_an_older_sign_in_there_than_was_asked_for_is_refused(
    bound: Office, there: Provider, twisted: str, anew: bool
) -> None:
    departure = oidc.ask(bound, there, HERE, "/", anew=anew)
    answer = answered(departure)
    twist(there, f"auth_time.{twisted}")
    said = refused(bound, lambda: oidc.sign_in(bound, there, HERE, departure.browser, answer))
    assert "auth_time" in said


@pytest.mark.parametrize(("s_ago", "is_recent"), [(0, True), (1_000, False)])
def test_a_session_is_as_old_as_the_sign_in_there(bound: Office, there: Provider, s_ago: int, is_recent: bool) -> None:
    twist(there, f"auth_time.{s_ago}")
    bob = sessions.holder(bound, signed_in(bound, there), "session")
    with bound.database.read() as connection:
        assert recent.is_recent(connection, bob, at=bound.now()) is is_recent
    (held,) = sessions.mine(bound, bob)
    assert held.expires_at - held.created_at == sessions.SESSION_LIVES
    age = (bound.now() - held.created_at).total_seconds()
    assert s_ago <= age < s_ago + 600


def test_who_is_not_bound_is_refused_and_the_log_names_the_subject(bound: Office, there: Provider) -> None:
    said = refused(bound, lambda: signed_in(bound, there, "m.stranger"), "not_bound")
    assert said == f"{there.issuer}: nobody is bound to m.stranger"
    assert {row[0] for row in rows(bound, "officers")["officers"]} == {"alice", "bob", "charlie"}


def test_a_disabled_officer_is_refused(bound: Office, there: Provider) -> None:
    officers.disable(bound, ALICE, "bob")
    assert "bob is disabled" in refused(bound, lambda: signed_in(bound, there))


def test_an_answer_counts_once(bound: Office, there: Provider) -> None:
    departure = oidc.ask(bound, there, HERE, "/")
    answer = answered(departure)
    session = oidc.sign_in(bound, there, HERE, departure.browser, answer).session
    sessions.sign_out(bound, BOB, session)
    again = oidc.sign_in
    assert "answered before" in refused(bound, lambda: again(bound, there, HERE, departure.browser, answer))


def test_a_code_counts_once_even_with_a_new_state(bound: Office, there: Provider) -> None:
    first, second = (oidc.ask(bound, there, HERE, "/") for _ in range(2))
    answer = answered(first)
    sessions.sign_out(bound, BOB, oidc.sign_in(bound, there, HERE, first.browser, answer).session)
    state = parse_qs(urlsplit(second.address).query)["state"][0]
    replayed = {**answer, "state": state}
    assert "invalid_grant" in refused(bound, lambda: oidc.sign_in(bound, there, HERE, second.browser, replayed))


def test_a_code_of_another_sign_in_does_not_fit_its_verifier(bound: Office, there: Provider) -> None:
    """Login CSRF with a code of the attacker's, and a code that was stolen on the way: PKCE."""
    mine, theirs = (oidc.ask(bound, there, HERE, "/") for _ in range(2))
    swapped = {**answered(mine), "code": answered(theirs, "mallory")["code"]}
    assert "invalid_grant" in refused(bound, lambda: oidc.sign_in(bound, there, HERE, mine.browser, swapped))


@pytest.mark.parametrize(
    "changed",
    [{"state": "guess"}, {"state": ""}, {"code": ""}, {"code": "guess"}, {"iss": "https://evil.example"}, {"iss": ""}],
)
def test_an_answer_that_was_changed_is_refused(bound: Office, there: Provider, changed: Answer) -> None:
    departure = oidc.ask(bound, there, HERE, "/")
    answer = {name: value for name, value in {**answered(departure), **changed}.items() if value}
    refused(bound, lambda: oidc.sign_in(bound, there, HERE, departure.browser, answer))


def test_the_answer_is_for_the_browser_that_was_sent_there(bound: Office, there: Provider) -> None:
    departure, other = (oidc.ask(bound, there, HERE, "/") for _ in range(2))
    for browser in (other.browser, ""):
        departure = oidc.ask(bound, there, HERE, "/")
        answer = answered(departure)
        said = refused(bound, lambda: oidc.sign_in(bound, there, HERE, browser, answer))  # noqa: B023
        assert "another browser" in said


def test_the_nonce_in_the_token_is_the_one_that_was_sent(bound: Office, there: Provider) -> None:
    departure = oidc.ask(bound, there, HERE, "/")
    with bound.database.write() as connection:
        (row,) = connection.execute(challenges.select()).all()
        connection.execute(challenges.update().values(data={**row.data, "nonce": "another"}))
    answer = answered(departure)
    assert "nonce" in refused(bound, lambda: oidc.sign_in(bound, there, HERE, departure.browser, answer))


@pytest.mark.parametrize(
    ("mode", "why"),
    [
        ("another_client", "aud"),
        ("unsigned", "'none' is not allowed"),
        ("stranger", "signature"),
        ("changed", "signature"),
        ("no_token", "no ID token"),
    ],
)
def test_a_token_that_is_not_true_is_refused(bound: Office, there: Provider, mode: str, why: str) -> None:
    another = Provider(there.issuer, "another", "the secret of another", "another")
    departure = oidc.ask(bound, another, HERE, "/")
    with pytest.raises(SignInError):  # mallory is not bound, but the provider has made a token for another client
        oidc.sign_in(bound, another, HERE, departure.browser, answered(departure, "mallory"))
    twist(there, mode)
    assert why in refused(bound, lambda: signed_in(bound, there))


def test_a_token_lives_as_long_as_it_says(bound: Office, there: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    departure = oidc.ask(bound, there, HERE, "/")
    answer = answered(departure)
    monkeypatch.setattr(provider, "LEEWAY_S", -100_000)  # as if the clock stood a day later
    assert "exp" in refused(bound, lambda: oidc.sign_in(bound, there, HERE, departure.browser, answer))


@pytest.mark.parametrize("mode", ["redirect", "elsewhere", "large"])
def test_calls_go_to_the_issuer_alone_and_are_small(bound: Office, there: Provider, mode: str) -> None:
    departure = oidc.ask(bound, there, HERE, "/")
    answer = answered(departure)
    twist(there, mode)
    with pytest.raises(UnavailableError) as caught:
        oidc.sign_in(bound, there, HERE, departure.browser, answer)
    assert caught.value.code == "provider_silent"


@pytest.mark.parametrize("issuer_now", ["http://localhost:9", "http://127.0.0.1:9/realm"])
def test_a_provider_that_is_away_is_said_and_nothing_is_kept(sqlite_office: Office, issuer_now: str) -> None:
    with pytest.raises(UnavailableError) as caught:
        oidc.ask(sqlite_office, Provider(issuer_now, "lintas", "", "Agency sign-on"), HERE, "/")
    assert caught.value.what.startswith("Agency sign-on did not answer")
    assert "passphrase" in caught.value.do
    assert rows(sqlite_office, "challenges")["challenges"] == []


def test_a_configuration_of_another_issuer_is_not_believed(sqlite_office: Office, there: Provider) -> None:
    for issuer_now in (f"{there.issuer}/", there.issuer.replace("localhost", "127.0.0.1")):
        with pytest.raises(UnavailableError):
            oidc.ask(sqlite_office, Provider(issuer_now, "lintas", "", "x"), HERE, "/")


def test_an_officer_who_is_signed_in_binds_themselves(bound: Office, there: Provider) -> None:
    secret = sessions.sign_in(bound, sessions.create_link(bound, ALICE))
    alice = sessions.holder(bound, secret, "session")
    departure = oidc.ask_to_bind(bound, alice, there, HERE)
    oidc.bind_own(bound, alice, there, HERE, departure.browser, answered(departure, "a.wirawan"))
    (held,) = profile.show(bound, alice).identities
    assert (held.issuer, held.subject) == (there.issuer, "a.wirawan")
    assert sessions.holder(bound, signed_in(bound, there, "a.wirawan"), "session").id == "alice"
    oidc.remove_own(bound, alice, there.issuer)
    sessions.end_others(bound, alice)
    sessions.sign_out(bound, alice, secret)
    refused(bound, lambda: signed_in(bound, there, "a.wirawan"), "not_bound")
    with pytest.raises(NotFoundError):
        oidc.remove_own(bound, ALICE, there.issuer)


def test_nobody_is_bound_to_who_is_somebody_elses(bound: Office, there: Provider) -> None:
    departure = oidc.ask_to_bind(bound, ALICE, there, HERE)
    with pytest.raises(ConflictError) as caught:
        oidc.bind_own(bound, ALICE, there, HERE, departure.browser, answered(departure, "b.santoso"))
    assert caught.value.code == "subject_taken"
    with pytest.raises(ConflictError):
        oidc.bind(bound, ALICE, "alice", there.issuer, "b.santoso")
    with pytest.raises(ConflictError) as twice:
        oidc.bind(bound, ALICE, "bob", there.issuer, "b.santoso.two")
    assert twice.value.code == "bound_already"


def test_an_answer_binds_who_was_sent_there_and_signs_nobody_in(bound: Office, there: Provider) -> None:
    departure = oidc.ask_to_bind(bound, BOB, there, HERE)
    answer = answered(departure, "mallory")
    refused(bound, lambda: oidc.bind_own(bound, ALICE, there, HERE, departure.browser, answer))
    departure = oidc.ask_to_bind(bound, ALICE, there, HERE)
    answer = answered(departure)
    refused(bound, lambda: oidc.sign_in(bound, there, HERE, departure.browser, answer))
    departure = oidc.ask(bound, there, HERE, "/")
    refused(bound, lambda: oidc.bind_own(bound, ALICE, there, HERE, departure.browser, answered(departure, "mallory")))


def test_only_who_signed_in_just_now_is_bound(timed: Office, there: Provider, clock: Callable[[], object]) -> None:
    secret = sessions.sign_in(timed, sessions.create_link(timed, BOB))
    bob = sessions.holder(timed, secret, "session")
    clock.move(minutes=15)  # type: ignore[attr-defined]
    acts: list[Callable[[], object]] = [
        lambda: oidc.ask_to_bind(timed, bob, there, HERE),
        lambda: oidc.bind_own(timed, bob, there, HERE, "", {}),
        lambda: oidc.remove_own(timed, bob, there.issuer),
    ]
    for act in acts:
        with pytest.raises(DeniedError) as caught:
            act()
        assert caught.value.code == "sign_in_again"


def test_an_administrator_binds_and_nobody_else(bound: Office, there: Provider) -> None:
    with pytest.raises(DeniedError):
        oidc.bind(bound, BOB, "alice", there.issuer, "a.wirawan")
    with pytest.raises(DeniedError):
        oidc.unbind(bound, BOB, "alice", there.issuer)
    with pytest.raises(NotFoundError):
        oidc.bind(bound, ALICE, "nobody", there.issuer, "n")
    for subject in ("", "x" * 256):
        with pytest.raises(InputError):
            oidc.bind(bound, ALICE, "alice", there.issuer, subject)
    oidc.unbind(bound, ALICE, "bob", there.issuer)
    with pytest.raises(NotFoundError):
        oidc.unbind(bound, ALICE, "bob", there.issuer)


class TestConfigured:
    def test_nothing_is_no_provider(self) -> None:
        assert provider.configured({}) is None
        assert provider.configured({"LINTAS_OIDC_CLIENT_ID": "lintas"}) is None

    @pytest.mark.parametrize(
        "issuer",
        [
            "http://sso.agency.example",
            "ftp://sso.agency.example",
            "sso.agency.example",
            "https://",
            "https://officer:secret@sso.agency.example",
            "https://sso.agency.example?x=1",
            "https://sso.agency.example#x",
            "http://127.0.0.1.evil.example",
            "http://localhost.evil.example",
            "https://sso.agency.example:port",
        ],
    )
    def test_what_is_no_issuer_is_refused(self, issuer: str) -> None:
        with pytest.raises(InputError) as caught:
            provider.configured({**ENVIRONMENT, "LINTAS_OIDC_ISSUER": issuer})
        assert caught.value.code == "bad_provider"

    def test_an_issuer_without_a_client_is_refused(self) -> None:
        with pytest.raises(InputError):
            provider.configured({"LINTAS_OIDC_ISSUER": "https://sso.agency.example"})

    def test_the_secret_stands_in_a_file_or_in_the_environment_and_is_never_shown(self, tmp_path: Path) -> None:
        file = tmp_path / "secret"
        file.write_text("from a file\n", encoding="utf-8")
        given = {"LINTAS_OIDC_ISSUER": "https://sso.agency.example", "LINTAS_OIDC_CLIENT_ID": "lintas"}
        found = provider.configured({**given, "LINTAS_OIDC_CLIENT_SECRET_FILE": str(file)})
        assert found is not None
        assert (found.secret, found.name) == ("from a file", "sso.agency.example")
        assert "from a file" not in repr(found)
        with pytest.raises(FileError):
            provider.configured({**given, "LINTAS_OIDC_CLIENT_SECRET_FILE": str(tmp_path / "none")})

    @pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
    def test_a_provider_on_this_machine_needs_no_https(self, host: str) -> None:
        assert provider.configured({**ENVIRONMENT, "LINTAS_OIDC_ISSUER": f"http://{host}:9000"}) is not None


def test_errors_of_the_provider_are_of_the_house(sqlite_office: Office) -> None:
    with pytest.raises(LintasError):
        oidc.ask(sqlite_office, Provider("http://localhost:0", "lintas", "", "x"), HERE, "/")
