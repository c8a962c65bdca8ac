"""The exchange as a play of three fictional agencies: each step is done by officers and looked at on the other side.

It is what `lintas region demo` shows. Everything crosses between the nodes as it would in earnest.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from importlib.resources import files
from itertools import permutations
from pathlib import Path
from typing import Any

from lintas.desk import (
    correspondence,
    demonstration,
    matching,
    node_card,
    officers,
    peers,
    post,
    proposals,
    runs,
    sessions,
    trail,
)
from lintas.desk.office import Office
from lintas.model.case import Proposal
from lintas.model.errors import InputError, LintasError
from lintas.model.handling import Handling
from lintas.model.officer import SECRET, Officer
from lintas.store.messages import Kept

ARUNIA, BELUGA, CENDANA = "xa.fiu", "xb.police", "xc.customs"
NAMES = {
    ARUNIA: "Financial Intelligence Unit of Arunia",
    BELUGA: "Police of Beluga",
    CENDANA: "Customs of Cendana",
}
CAST = {"lina": "liaison", "sofia": "supervisor", "cora": "custodian", "ina": "inspector"}
SAMPLES = Path(str(files("lintas.desk") / "region_samples"))
SET = "persons-and-ships"
PATIENCE_S = 60.0
BOUND = Handling("amber", frozenset({"H2"}))


@dataclass(frozen=True)
class Step:
    """One step of the play: what was done, and whether the other side saw what it had to see."""

    words: str
    is_held: bool


def found(office: Office, node: str, address: str) -> None:
    """Make a fictional agency: officers, name and keys, sample lists. Raises ConflictError on a real node."""
    owner = officers.owner(office)
    for name, role in CAST.items():
        officers.add(office, owner, name, roles=[role], clearance=SECRET)
    demonstration.prepare(office, owner, lambda what, n: None)
    node_card.init(office, officers.acting(office, "cora"), node, NAMES[node], address, is_pinned=True)


def play(nodes: Mapping[str, Office], *, pause: Callable[[float], None] = time.sleep) -> Iterator[Step]:
    """The play, step by step; what is delivered is carried by the nodes that are served meanwhile."""
    cast = {node: {name: _signed_in(office, name) for name in CAST} for node, office in nodes.items()}
    scene = _Scene(nodes, cast, pause)
    yield scene.meet()
    asked = scene.run(ARUNIA, "asked.csv")
    yield scene.offers()
    yield scene.matches(asked)
    yield scene.told_no_name()
    request = scene.says(ARUNIA, "request", REQUEST, peer=BELUGA)
    came = scene.arrived(BELUGA, ARUNIA, request)
    yield Step("Arunia asks Beluga about the person that both hold", came is not None)
    reply = scene.answers_in_part(came)
    yield Step("Beluga answers in part under H2, which a second officer releases", reply is not None)
    yield scene.keeps_it_bound(reply)
    granted = scene.gets_consent(reply)
    yield Step("Arunia asks Beluga whether Cendana may have it; Beluga agrees", granted is not None)
    passed = scene.hands_on(reply)
    yield Step("Arunia hands it on to Cendana, and two officers decide that", passed is not None)
    yield scene.takes_back(reply)
    yield scene.logs_hold()


REQUEST: Mapping[str, Any] = {
    "subject": "A person whom both agencies hold",
    "facts": "He received 14 transfers from victims of an investment fraud.",
    "reasons": "The private matching of today hit on one person in your set.",
    "asked": "Accounts that he opened since 2025.",
    "intended_use": "To trace and freeze what is left.",
    "channel": "fraud",
    "urgency": "priority",
}
REPLY: Mapping[str, Any] = {
    "extent": "partial",
    "text": "One account was found.",
    "items": [{"label": "Account", "value": "XB-77-0042, opened on 3 February 2026"}],
    "withheld": "Who told us.",
}
ACCOUNT = "XB-77-0042"


@dataclass(frozen=True)
class _Scene:
    nodes: Mapping[str, Office]
    cast: Mapping[str, Mapping[str, Officer]]
    pause: Callable[[float], None]

    def meet(self) -> Step:
        """Each agency takes the cards of the others; a second officer of each writes the words that are read out."""
        for here, there in permutations(self.nodes, 2):
            other, theirs = self.nodes[there], self.cast[there]["lina"]
            words = node_card.in_words(node_card.show(other, theirs))
            peers.add(self.nodes[here], self.cast[here]["lina"], node_card.signed(other, theirs))
            peers.confirm(self.nodes[here], self.cast[here]["cora"], there, words)
        held = [peers.everybody(office, self.cast[node]["lina"]) for node, office in self.nodes.items()]
        trusted = all(one.status == "trusted" for each in held for one in each)
        return Step("Three agencies meet: cards are compared by words, by two officers of each", trusted)

    def run(self, node: str, sample: str) -> int:
        office, officer = self.nodes[node], self.cast[node]["sofia"]
        made = runs.create(office, officer, SAMPLES / sample, fictional=True)
        self.until(lambda: runs.get(office, officer, made.number).status == "done")
        return made.number

    def offers(self) -> Step:
        for node, sample in ((BELUGA, "police.csv"), (CENDANA, "customs.csv")):
            run, office = self.run(node, sample), self.nodes[node]
            matching.offer(office, self.cast[node]["sofia"], run, ARUNIA, SET, Handling("amber"))
        office = self.nodes[ARUNIA]
        seen = self.until(lambda: len(matching.offered(office, self.cast[ARUNIA]["lina"])) == 2)
        return Step("Beluga and Cendana offer a set each for private matching", bool(seen))

    def matches(self, run: int) -> Step:
        office = self.nodes[ARUNIA]
        officer = self.cast[ARUNIA]["sofia"]
        for peer in (BELUGA, CENDANA):
            matching.ask(office, officer, run, peer, SET, legal_basis="Article 12 of the fictional agreement")
        self.until(lambda: all(one.status == "answered" for one in matching.results(office, officer, run)))
        hits = {one.peer: [hit.row for hit in one.hits] for one in matching.results(office, officer, run)}
        is_right = hits == {BELUGA: [2], CENDANA: [4]}
        return Step("Arunia matches four persons and ships against both: a hit in each, and nobody is named", is_right)

    def told_no_name(self) -> Step:
        """What Beluga holds of the questions does not tell whom they were about."""
        text = str([one.content for one in self.kept(BELUGA) if one.direction == "in" and one.peer == ARUNIA])
        seen = any(one.type == "match_batch" for one in self.kept(BELUGA))
        names = ("Clara", "Budi", "9999010", "P0000001")
        return Step(
            "Beluga learned how many questions were asked, and not about whom",
            seen and not any(name in text for name in names),
        )

    def answers_in_part(self, request: Kept | None) -> Kept | None:
        if request is None:
            return None
        self.says(BELUGA, "acknowledgement", {"officer": "Duty officer"}, to=request)
        sent = self.says(BELUGA, "reply", REPLY, to=request, handling=BOUND)
        return self.arrived(ARUNIA, BELUGA, sent)

    def keeps_it_bound(self, reply: Kept | None) -> Step:
        words = "Without Beluga's consent it does not leave Arunia for Cendana"
        if reply is None:
            return Step(words, False)
        try:
            self.passes_on(reply)
        except InputError as error:
            return Step(words, error.code == "not_released")
        return Step(words, False)

    def gets_consent(self, reply: Kept | None) -> Kept | None:
        if reply is None:
            return None
        wish = {"to": CENDANA, "why": "The ship that carried the money was cleared there."}
        asked = self.arrived(BELUGA, ARUNIA, self.says(ARUNIA, "consent_request", wish, to=reply))
        if asked is None:
            return None
        given = self.says(BELUGA, "consent_grant", {"to": CENDANA, "conditions": "Not as evidence."}, to=asked)
        return self.arrived(ARUNIA, BELUGA, given)

    def hands_on(self, reply: Kept | None) -> Kept | None:
        return None if reply is None else self.arrived(CENDANA, ARUNIA, self.passes_on(reply))

    def passes_on(self, reply: Kept) -> Kept | None:
        body = {"subject": "An account in Beluga", "text": f"{ACCOUNT} belongs to him.", "channel": "fraud"}
        return self.says(ARUNIA, "spontaneous", body, peer=CENDANA, handling=BOUND, sources=(reply.number,))

    def takes_back(self, reply: Kept | None) -> Step:
        words = "Beluga recalls its answer: it is gone in Arunia and in Cendana, and both sign for it"
        if reply is None:
            return Step(words, False)
        (own,) = [one for one in self.kept(BELUGA) if one.id == reply.id]
        self.says(BELUGA, "recall", {"why": "The source turned out to have lied."}, to=own)
        signed = self.until(lambda: [one for one in self.kept(BELUGA) if one.type == "recall_ack"])
        there = self.until(
            lambda: [one for one in self.kept(ARUNIA) if one.type == "recall_ack" and one.peer == CENDANA]
        )
        gone = not any(ACCOUNT in str(one) for node in (ARUNIA, CENDANA) for one in self.kept(node))
        return Step(words, bool(signed and there and gone))

    def logs_hold(self) -> Step:
        checked = [trail.verify(office, self.cast[node]["ina"]) for node, office in self.nodes.items()]
        return Step("The logs of all three nodes are whole, row by row", all(one.n_rows > 0 for one in checked))

    def says(
        self,
        node: str,
        type: str,
        body: Mapping[str, Any],
        *,
        to: Kept | None = None,
        peer: str = "",
        handling: Handling = Handling("amber"),
        sources: tuple[int, ...] = (),
    ) -> Kept | None:
        """Lina says something; what needs a second officer Sofia releases."""
        office = self.nodes[node]
        draft = post.Draft(type, body, handling, "investigation", peer=peer, sources=sources)
        if to is not None:
            draft = replace(draft, thread=to.thread, reply_to=to.id)
        sent = post.send(office, self.cast[node]["lina"], draft)
        if isinstance(sent, Proposal):
            proposals.decide(office, self.cast[node]["sofia"], sent.number, True, "Read, and right")
            return self.kept(node)[-1]
        return sent

    def arrived(self, node: str, of: str, sent: Kept | None) -> Kept | None:
        """The same message as the other node holds it; None when it does not come."""
        if sent is None:
            return None
        found = self.until(lambda: [one for one in self.kept(node) if one.id == sent.id and one.peer == of])
        return found[0] if found else None

    def kept(self, node: str) -> list[Kept]:
        """All messages that Lina reads, in the order in which they came to be here."""
        office = self.nodes[node]
        lina = self.cast[node]["lina"]
        lines = correspondence.overview(office, lina)
        views = [correspondence.show(office, lina, line.thread.number) for line in lines]
        return sorted((one.message for view in views for one in view.messages), key=lambda kept: kept.number)

    def until(self, there: Callable[[], Any]) -> Any:
        """What is awaited, or nothing when it does not come in time."""
        for _ in range(int(PATIENCE_S / 0.2)):
            with suppress(LintasError):
                if (value := there()) not in (None, False, []):
                    return value
            self.pause(0.2)
        return None


def _signed_in(office: Office, name: str) -> Officer:
    """An officer of the play in a session of their own: what needs two in person needs it here, too."""
    link = sessions.create_link(office, officers.acting(office, name))
    return sessions.holder(office, sessions.sign_in(office, link), "session")
