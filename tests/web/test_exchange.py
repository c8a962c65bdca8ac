"""The pages of the exchange: nothing leaves before it was seen, and what came in stands there with its handling."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest
from lxml import html

from lintas.desk import correspondence, duties, files, node_card, officers, overlays, peers, sessions
from lintas.desk.office import Office, Settings, open_office
from lintas.exchange import keys
from lintas.model.officer import SECRET
from lintas.store import heads as kept
from lintas.store import peers as kept_peers
from lintas.store.heads import Seen
from lintas.web.signing import COOKIE
from tests.nodes.neighbour import Neighbour, met
from tests.nodes.region import REQUEST
from tests.serving import served
from tests.web.conftest import OWN


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    made = open_office(Settings(tmp_path_factory.mktemp("exchange") / "node"))
    owner = officers.owner(made)
    for name, role in (("lina", "liaison"), ("sofia", "supervisor"), ("cora", "custodian"), ("ali", "analyst")):
        officers.add(made, owner, name, roles=[role], clearance=SECRET)
    yield made
    made.close()


@pytest.fixture(scope="module")
def neighbour(office: Office) -> Neighbour:
    return met(office)


@pytest.fixture(scope="module")
def as_(office: Office, neighbour: Neighbour) -> Iterator[Any]:
    """A client for an officer, by name."""
    with served(office) as base, ExitStack() as stack:
        assert neighbour

        def client(name: str) -> httpx.Client:
            who = officers.acting(office, name)
            cookies = {COOKIE: sessions.sign_in(office, sessions.create_link(office, who))}
            return stack.enter_context(httpx.Client(base_url=base, cookies=cookies, headers=OWN, timeout=30))

        yield client


def form(**changes: str) -> dict[str, str]:
    body = {f"body.{name}": text for name, text in REQUEST.items()}
    start = {"type": "request", "peer": "xb.police", "tlp": "amber", "use": "investigation", "court": "consent"}
    return {**start, **body, **changes}


def read(answer: httpx.Response) -> Any:
    return html.fromstring(answer.text)


def text(answer: httpx.Response) -> str:
    return " ".join(read(answer).text_content().split())


def n_threads(office: Office) -> int:
    return len(correspondence.overview(office, replace(officers.acting(office, "lina"), clearance=SECRET)))


def test_what_would_leave_is_shown_and_only_then_sent(office: Office, as_: Any) -> None:
    lina, before = as_("lina"), n_threads(office)
    given = form(**{"body.subjects": "organization: Hantu Trading\nvessel: Nusa Hantu"})
    shown = lina.post("/exchange/write", data=given | {"action": "preview"})
    assert shown.status_code == 200
    assert "xb.police reads exactly this" in text(shown)
    assert REQUEST["asked"] in read(shown).xpath("string(//aside)")
    assert n_threads(office) == before
    sent = lina.post("/exchange/write", data=given | {"action": "send"})
    assert sent.status_code == 303
    page = lina.get(sent.headers["location"])
    for words in (
        REQUEST["facts"],
        "Hantu Trading",
        "TLP:AMBER",
        "waits to be delivered",
        "handed on only with consent",
    ):
        assert words in text(page)
    assert n_threads(office) == before + 1


def test_red_goes_to_a_second_officer_who_reads_what_would_leave(office: Office, as_: Any) -> None:
    before = n_threads(office)
    sent = as_("lina").post("/exchange/write", data=form(tlp="red", action="send", caveat="A source to protect"))
    assert sent.headers["location"].startswith("/proposals/")
    page = as_("sofia").get(sent.headers["location"])
    for words in (REQUEST["facts"], "TLP:RED", "A source to protect", "Leaves this node at once"):
        assert words in text(page)
    done = as_("sofia").post(sent.headers["location"], data={"decision": "approve", "reason": "It is needed"})
    assert done.status_code == 303
    assert n_threads(office) == before + 1


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"body.facts": ""}, "bad_body"),
        ({"body.items": "no colon here", "type": "spontaneous", "body.text": "x", "body.channel": "cyber"}, "bad_line"),
        ({"peer": "xc.navy"}, "unknown_peer"),
        ({"retain_until": "soon"}, "bad_day"),
        ({"tlp": "white"}, "bad_handling"),
        ({"code.H3": "on"}, "bad_handling"),
        ({"sources": "99"}, "unknown_thread"),
    ],
)
def test_what_cannot_be_sent_is_said_and_the_form_keeps_its_words(
    as_: Any, office: Office, changes: dict[str, str], code: str
) -> None:
    before = n_threads(office)
    answer = as_("lina").post("/exchange/write", data=form(**changes) | {"action": "send"})
    assert 400 <= answer.status_code < 500
    assert code in answer.text
    assert REQUEST["subject"] in answer.text or code == "bad_line"
    assert n_threads(office) == before


def test_a_reply_is_offered_where_it_may_be_given_and_nowhere_else(
    office: Office, neighbour: Neighbour, as_: Any
) -> None:
    came = neighbour.says(office, "request", {**REQUEST, "subject": "<b>From them</b>"})
    lina = as_("lina")
    page = read(lina.get(f"/exchange/{came.thread}"))
    offered = [link.text_content() for link in page.xpath("//p[@class='buttons']/a")]
    assert offered == ["Acknowledgement", "Clarification", "Interim answer", "Refusal", "Answer"]
    assert page.xpath("string(//h1)") == "<b>From them</b>"
    (link,) = page.xpath("//p[@class='buttons']/a[text()='Answer']/@href")
    assert lina.get(link).status_code == 200
    reply = {"type": "reply", "to": came.id, "body.extent": "nothing", "use": "investigation", "action": "send"}
    assert lina.post(link.split("?")[0], data=reply).status_code == 303
    page = read(lina.get(f"/exchange/{came.thread}"))
    assert "Answer" not in [one.text_content() for one in page.xpath("(//article)[1]//p[@class='buttons']/a")]
    assert as_("ali").get(f"/exchange/{came.thread}").status_code == 403


def test_two_officers_meet_a_node_on_the_page(office: Office, as_: Any) -> None:
    other = keys.Card("xd.navy", "Navy of Duria", "", keys.made(office.now()))
    lina, cora = as_("lina"), as_("cora")
    assert lina.post("/exchange/peers", data={"card": keys.sign(other, other)}).status_code == 303
    assert "Trust it" not in lina.get("/exchange/peers").text
    wrong = cora.post("/exchange/peers/confirm", data={"peer": other.id, "words": "apple " * 12})
    assert (wrong.status_code, "other_words" in wrong.text) == (400, True)
    words = node_card.in_words(other)
    assert cora.post("/exchange/peers/confirm", data={"peer": other.id, "words": words}).status_code == 303
    assert peers.show(office, officers.acting(office, "lina"), other.id)[0].status == "trusted"
    with office.database.write() as connection:
        kept_peers.suspend(connection, other.id, at=office.now(), reason="vanished")
    assert "The directory lists it no more." in text(lina.get("/exchange/peers"))
    assert "suspended" in text(lina.get("/exchange"))
    assert cora.post("/exchange/peers", data={"card": keys.sign(other, other)}).status_code == 409
    assert cora.post("/exchange/peers/revoke", data={"peer": other.id, "reason": "Its keys were stolen"}).is_redirect
    assert "revoked by cora" in text(lina.get("/exchange/peers"))


def test_before_it_is_named_the_page_says_what_to_do(tmp_path: Path) -> None:
    office = open_office(Settings(tmp_path / "node"))
    owner = officers.owner(office)
    with served(office) as base:
        cookies = {COOKIE: sessions.sign_in(office, sessions.create_link(office, owner))}
        with httpx.Client(base_url=base, cookies=cookies, headers=OWN, timeout=30) as client:
            assert "lintas node init" in text(client.get("/exchange/peers"))
            assert "No thread is yours yet" in text(client.get("/exchange"))
    office.close()


def test_a_node_whose_logs_contradict_each_other_is_shown_to_who_decides(office: Office, as_: Any) -> None:
    at = office.now()
    with office.database.write() as connection:
        for root in "01":
            kept.keep(connection, Seen("xb.police", 7, root * 64, "", "xc.customs", "m-1", at, kept.SPLIT))
    page = as_("lina").get("/exchange/peers").text
    assert "Its logs contradict each other." in page
    assert "told by xc.customs" in page
    with office.database.write() as connection:
        kept.begin_anew(connection, "xb.police")
    assert "contradict" not in as_("lina").get("/exchange/peers").text


def test_the_form_offers_no_label_above_the_officers_ceiling_and_says_why(office: Office, as_: Any) -> None:
    def offered(name: str) -> tuple[list[str], Any]:
        page = read(as_(name).get("/exchange/write?type=alert"))
        return page.xpath("//select[@id='tlp']/option/@value"), page

    labels, page = offered("sofia")
    assert labels == ["clear", "green", "amber", "amber+strict", "red"]
    assert page.xpath("//input[@name='onward']")
    labels, page = offered("lina")
    assert [one.text_content() for one in page.xpath("//select[@id='tlp']/option")][:2] == [
        "clear · with a second officer",
        "green",
    ]
    labels, page = offered("ali")
    assert labels == ["amber", "amber+strict", "red"]
    assert not page.xpath("//input[@name='onward']")
    words = " ".join(page.text_content().split())
    assert "green is wider than your roles may give. Who may: supervisor, liaison." in words
    assert "Your roles may not name agencies" in words


def test_a_label_above_the_ceiling_is_refused_when_it_is_sent_all_the_same(office: Office, as_: Any) -> None:
    owner, before = officers.owner(office), n_threads(office)
    overlays.add(
        office,
        owner,
        "narrow.cedar",
        'forbid (principal, action == Action::"exchange.spread", resource is Message) when { resource.width > 2 };',
    )
    for action in ("preview", "send"):
        answer = as_("lina").post("/exchange/write", data=form(tlp="green", action=action))
        assert answer.status_code == 403
        assert "over_ceiling" in answer.text
        assert REQUEST["facts"] in answer.text
    assert n_threads(office) == before
    overlays.remove(office, owner, "narrow")


def test_who_is_on_duty_stands_beside_the_threads_and_on_their_own_page(office: Office, as_: Any) -> None:
    assert "Nobody is on duty" in text(as_("lina").get("/exchange"))
    lina, at = officers.acting(office, "lina"), office.now()
    made = duties.add(office, lina, "ali", "liaison", at, at + timedelta(days=3), "lina")
    ali = as_("ali")
    (line,) = read(ali.get("/exchange")).xpath("//section[@id='duty']//li")
    assert " ".join(line.text_content().split()).startswith("ali liaison, instead of lina, until")
    assert read(ali.get("/exchange")).xpath("//a[@href='/exchange/write?type=request']")
    for client in (ali, as_("lina")):
        assert "ali liaison, instead of lina, from" in text(client.get("/profile"))
    duties.end(office, lina, made.number)
    assert not read(ali.get("/exchange")).xpath("//a[@href='/exchange/write?type=request']")


def test_the_fields_of_a_channel_are_a_part_of_the_form_and_are_seen_before_they_leave(as_: Any) -> None:
    ship = {
        "type": "alert",
        "body.subject": "A ship without a name",
        "body.text": "It met another at night.",
        "body.channel": "maritime",
        "report.maritime.what": "transfer",
        "report.maritime.ship": "Nusa Hantu",
        "report.maritime.seen_by": "satellite",
        "report.maritime.imo": "9074729",
        "report.maritime.began_at": "2026-03-01 02:10",
        "report.maritime.lat_deg": "3.1",
    }
    start = {name: text for name, text in form().items() if not name.startswith("body.")}
    answer = as_("lina").post("/exchange/write", data=start | ship | {"action": "preview"})
    assert answer.status_code == 200, answer.text[:3000]
    page = read(answer)
    seen = " ".join(page.xpath("//*[@id='why']")[0].text_content().split())
    for words in ("Nusa Hantu", "transfer between ships", "2026-03-01T02:10:00+00:00", "3.1", "9074729"):
        assert words in seen
    for wrong, code in (
        ({"report.maritime.imo": "9074728"}, "bad_body"),
        ({"report.maritime.lat_deg": "north"}, "bad_number"),
        ({"report.maritime.ship": ""}, "bad_body"),
        ({"report.fraud.account": "XB-77"}, "other_channel"),
    ):
        answer = as_("lina").post("/exchange/write", data=start | ship | wrong | {"action": "preview"})
        assert (answer.status_code, code in answer.text) == (400, True), wrong
        assert "It met another at night." in answer.text, "what was written stays in the form"


def test_an_officer_says_on_their_page_where_they_are_told(as_: Any) -> None:
    lina = as_("lina")
    assert lina.post("/profile/email", data={"address": "lina@agency.example"}).status_code == 303
    assert read(lina.get("/profile")).xpath("string(//input[@name='address']/@value)") == "lina@agency.example"
    wrong = lina.post("/profile/email", data={"address": "lina@agency.example\nBcc: x@y.example"})
    assert (wrong.status_code, "bad_email" in wrong.text) == (400, True)


def test_a_file_waits_with_the_form_is_named_with_its_digest_and_leaves_only_after_it_was_seen(
    office: Office, as_: Any
) -> None:
    lina, before = as_("lina"), n_threads(office)
    upload = {"file": ("ស្ថានភាព.txt", b"It is his.", "application/x-evil")}
    first = lina.post("/exchange/write", data=form(action="send"), files=upload)
    assert first.status_code == 200, "what was attached with the button that sends is shown first"
    assert n_threads(office) == before
    shown = read(first).xpath("string(//aside//ul[@class='files'])")
    assert "ស្ថានភាព.txt" in shown
    assert sha256(b"It is his.").hexdigest() in shown
    (kept,) = read(first).xpath("//input[starts-with(@name, 'kept.')]/@name")
    broken = lina.post("/exchange/write", data=form(action="send", **{kept: "on", "body.facts": ""}))
    assert read(broken).xpath("//input[starts-with(@name, 'kept.')]/@name") == [kept], "the form keeps it"
    for wrong, code in (("a.exe", "unknown_kind"), ("a.pdf", "wrong_kind")):
        answer = lina.post("/exchange/write", data=form(**{kept: "on"}), files={"file": (wrong, b"text", "x/y")})
        assert answer.status_code == 400
        assert code in answer.text
        assert read(answer).xpath("//input[starts-with(@name, 'kept.')]/@name") == [kept]
    assert "file_gone" in as_("sofia").post("/exchange/write", data=form(action="send", **{kept: "on"})).text
    sent = lina.post("/exchange/write", data=form(action="send", **{kept: "on"}))
    assert sent.status_code == 303
    (link,) = read(lina.get(sent.headers["location"])).xpath("//article//ul[@class='files']//a/@href")
    given = lina.get(link)
    assert given.content == b"It is his."
    assert given.headers["content-type"] == "text/plain"
    assert given.headers["x-content-type-options"] == "nosniff"
    assert given.headers["content-disposition"].startswith("attachment; filename*=UTF-8''%E1%9E%9F")
    assert as_("ali").get(link).status_code == 403


def test_the_thread_shows_what_is_in_quarantine_and_what_is_held_back_and_gives_neither(
    office: Office, neighbour: Neighbour, as_: Any
) -> None:
    came = neighbour.says(office, "request", REQUEST, beside={"<b>.txt": b"text", "a.pdf": b"text", "b.txt": b"text"})
    lina = as_("lina")
    assert "in quarantine until it is checked" in text(lina.get(f"/exchange/{came.thread}")) or "held back" in text(
        lina.get(f"/exchange/{came.thread}")
    )
    files.check(office, came.number)
    page = lina.get(f"/exchange/{came.thread}")
    assert "what is in it is not what its name says" in text(page)
    assert "unsafe_name" in text(page)
    assert "<b>.txt" in text(page)
    assert len(read(page).xpath("//article//ul[@class='files']//a")) == 1
    for place, status in ((0, 403), (1, 403), (2, 200), (3, 404)):
        assert lina.get(f"/exchange/{came.thread}/files/{came.number}/{place}").status_code == status


def test_the_second_officer_opens_the_file_that_would_leave(office: Office, as_: Any) -> None:
    upload = {"file": ("a.txt", b"To be seen by two.", "text/plain")}
    first = as_("lina").post("/exchange/write", data=form(tlp="red", caveat="x"), files=upload)
    (kept,) = read(first).xpath("//input[starts-with(@name, 'kept.')]/@name")
    sent = as_("lina").post("/exchange/write", data=form(tlp="red", caveat="x", action="send", **{kept: "on"}))
    sofia, address = as_("sofia"), sent.headers["location"]
    page = sofia.get(address)
    assert sha256(b"To be seen by two.").hexdigest() in page.text
    (link,) = read(page).xpath("//ul[@class='files']//a/@href")
    assert sofia.get(link).content == b"To be seen by two."
    sofia.post(address, data={"decision": "refuse", "reason": "It is not needed"})
    assert sofia.get(link).status_code == 404
