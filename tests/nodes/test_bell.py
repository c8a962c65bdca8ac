"""A mail outside the node says that something waits, and where, and nothing else."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from lintas.desk import bell, duties, four_eyes, health, jobs, mailer, officers, profile, trail
from lintas.desk.health import Check
from lintas.desk.mailer import Server
from lintas.desk.office import Office
from lintas.model.errors import FileError, InputError
from lintas.model.log import Wanted
from lintas.store.tables import messages
from tests.desk.cast import ALICE, BOB
from tests.desk.mailbox import Mailbox, opened
from tests.nodes.region import LINA, NAMES, REQUEST, Region
from tests.paths import certificates

A, B = list(NAMES)[:2]
CAST = {"budi": "liaison", "sari": "liaison", "ali": "analyst", "gone": "liaison"}
SENT = "Something waits for you at the node of Financial Intelligence Unit of Arunia.\nhttps://xa.fiu.example\n"
Named = Callable[..., None]


@pytest.fixture
def region(tmp_path: Path) -> Iterator[Region]:
    made = Region(tmp_path / "region", names=[A, B])
    office = made.nodes[A]
    for name, role in CAST.items():
        officers.add(office, ALICE, name, roles=[role])
        officers.change(office, ALICE, name, email=f"{name}@agency.example")
    officers.disable(office, ALICE, "gone")
    yield made
    made.close()


@pytest.fixture
def named(monkeypatch: pytest.MonkeyPatch) -> Named:
    """Name a mail server in the environment."""
    for name in (mailer.HOST, mailer.PORT, mailer.TLS, mailer.SENDER, mailer.USER, mailer.PASSWORD, "LINTAS_ORIGIN"):
        monkeypatch.delenv(name, raising=False)

    def name_it(port: int, tls: str = "none", **more: str) -> None:
        told = {mailer.HOST: "127.0.0.1", mailer.PORT: str(port), mailer.TLS: tls, mailer.SENDER: "node@agency.example"}
        for name, value in (told | more).items():
            monkeypatch.setenv(name, value)

    return name_it


def comes(region: Region) -> None:
    """A message that waits for a person."""
    region.ask(B, A)
    assert region.deliver(B, A) == 1


def rung(office: Office) -> None:
    """Let the worker do what is due."""
    while jobs.work(office, ("notify",)) is not None:
        pass


def told(box: Mailbox) -> list[str]:
    return sorted(str(mail["To"]) for mail in box.mails)


def mail_check(office: Office) -> Check:
    (check,) = [one for one in health.state(office, ALICE).checks if one.name == "mail"]
    return check


@pytest.mark.parametrize("tls", ["none", "starttls", "tls"])
def test_a_message_that_came_in_is_told_without_its_content(
    region: Region, named: Named, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tls: str
) -> None:
    certificate = certificates.make(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    secret = tmp_path / "secret"
    secret.write_text("a secret\n")
    with opened(certificate, tls) as box:
        signs_in = {} if tls == "none" else {mailer.USER: "node", mailer.PASSWORD_FILE: str(secret)}
        named(box.port, tls, **signs_in)
        comes(region)
        rung(region.nodes[A])
    assert told(box) == ["budi@agency.example", "sari@agency.example"]
    for mail in box.mails:
        assert (mail["Subject"], mail.get_content().replace("\r\n", "\n")) == (bell.SUBJECT, SENT)
        whole = mail.as_string() + " ".join(box.said)
        assert not [words for words in (B, NAMES[B], *REQUEST.values()) if words in whole]
    assert any(line.startswith("AUTH") for line in box.said) == (tls != "none")
    assert mail_check(region.nodes[A]).is_well


def test_only_who_is_on_duty_is_told_when_somebody_is(region: Region, named: Named) -> None:
    office, at = region.nodes[A], region.clock()
    budi = officers.acting(office, "budi")
    duties.add(office, budi, "ali", "liaison", at, at + timedelta(days=2), "budi")
    with opened() as box:
        named(box.port)
        comes(region)
        rung(office)
        assert told(box) == ["ali@agency.example"]
        region.clock.move(days=2)
        comes(region)
        rung(office)
        assert told(box) == ["ali@agency.example", "budi@agency.example", "sari@agency.example"]


def test_at_most_one_mail_in_a_quarter_of_an_hour_and_none_is_lost(region: Region, named: Named) -> None:
    office = region.nodes[A]
    with opened() as box:
        named(box.port)
        for _ in range(3):
            comes(region)
            rung(office)
            region.clock.move(minutes=4)
        assert len(box.mails) == 2
        region.clock.move(minutes=3)
        rung(office)
        assert len(box.mails) == 4
        region.clock.move(hours=2)
        rung(office)
        assert len(box.mails) == 4
        comes(region)
        rung(office)
        assert len(box.mails) == 6


def test_a_proposal_is_told_to_the_others(region: Region, named: Named) -> None:
    office = region.nodes[A]
    with opened() as box:
        named(box.port)
        four_eyes.propose(office, officers.acting(office, "budi"), "runs.erase", "run 1", {}, "It was a mistake")
        rung(office)
    assert told(box) == ["sari@agency.example"]


def test_a_server_that_is_away_is_tried_again_and_stops_nothing(region: Region, named: Named) -> None:
    office = region.nodes[A]
    with opened() as box:
        port = box.port
    named(port)
    comes(region)
    rung(office)
    since = f"{region.clock():%Y-%m-%d %H:%M}"
    for _ in range(3):
        region.clock.move(minutes=5)
        comes(region)
        rung(office)
    assert len(region.inbox(A, B)) == 4
    check = mail_check(office)
    assert (check.is_well, since in check.words) == (False, True)
    with opened(port=port) as box:
        region.clock.move(minutes=5)
        rung(office)
    assert told(box) == ["budi@agency.example", "sari@agency.example"]
    assert mail_check(office).is_well


def test_a_certificate_that_nobody_vouches_for_gets_no_mail(region: Region, named: Named, tmp_path: Path) -> None:
    for tls in ("tls", "starttls"):
        with opened(certificates.make(tmp_path), tls) as box:
            named(box.port, tls)
            comes(region)
            rung(region.nodes[A])
        assert box.mails == []
        assert not [line for line in box.said if "@" in line]
        assert not mail_check(region.nodes[A]).is_well


def test_an_address_that_is_refused_keeps_no_other_officer_from_being_told(region: Region, named: Named) -> None:
    office = region.nodes[A]
    with opened() as box:
        box.refuses.add("budi@agency.example")
        named(box.port)
        comes(region)
        rung(office)
    assert told(box) == ["sari@agency.example"]
    ended = [row for row in trail.find(office, ALICE, Wanted(verb=bell.VERB)).rows if row.outcome != "asked"]
    assert [(row.object, row.outcome) for row in ended] == [("sari", "done"), ("budi: mail_refused", "refused")]


def test_without_a_server_or_with_a_wrong_one_messages_come_in_all_the_same(region: Region, named: Named) -> None:
    office = region.nodes[A]
    comes(region)
    assert jobs.work(office, ("notify",)) is None
    named(0, "smoke")
    comes(region)
    job = jobs.work(office, ("notify",))
    assert job is not None
    assert (job.status, (job.error or {})["code"]) == ("failed", "bad_mail_server")
    assert not mail_check(office).is_well
    with office.database.read() as connection:
        assert len(connection.execute(messages.select()).all()) == 2


def test_an_address_is_plain(region: Region) -> None:
    office = region.nodes[A]
    for wrong in (
        "rina",
        "rina@",
        "a@b\nBcc: x@y.example",
        "Rina <rina@agency.example>",
        "ü@agency.example",
        "a b@c.d",
    ):
        with pytest.raises(InputError):
            profile.set_email(office, BOB, wrong)
        with pytest.raises(InputError):
            officers.change(office, ALICE, "ali", email=wrong)
    profile.set_email(office, LINA, " lina@agency.example ")
    assert profile.show(office, LINA).email == "lina@agency.example"
    profile.set_email(office, LINA, "")
    assert profile.show(office, LINA).email == ""


def test_the_environment_names_a_server_or_says_what_is_wrong(tmp_path: Path) -> None:
    told = {mailer.HOST: "mail.example", mailer.SENDER: "node@agency.example"}
    assert mailer.configured({}) is None
    assert mailer.configured(told) == Server("mail.example", 587, "starttls", "node@agency.example")
    for wrong in (
        {mailer.TLS: "ssl"},
        {mailer.PORT: "x"},
        {mailer.PORT: "70000"},
        {mailer.SENDER: "node"},
        {mailer.TLS: "none", mailer.USER: "node"},
    ):
        with pytest.raises(InputError):
            mailer.configured(told | wrong)
    with pytest.raises(FileError):
        mailer.configured(told | {mailer.PASSWORD_FILE: str(tmp_path / "none")})
    held = mailer.configured(told | {mailer.USER: "node", mailer.PASSWORD: "a secret"})
    assert "a secret" not in repr(held)
