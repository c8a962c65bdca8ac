"""A message is proved to a stranger: by a file and one program that knows nothing of this house."""

import base64
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lintas.desk import node_card, proofs, rotation
from lintas.exchange import heads, keys
from lintas.exchange.envelope import digest
from lintas.model.errors import DeniedError, NotFoundError
from lintas.model.handling import Handling
from lintas.model.officer import OPEN, SECRET, Officer
from tests.nodes.region import CORA, LINA, Region

A, B = "xa.fiu", "xb.police"
INA = Officer("ina", frozenset({"inspector"}), via="session", clearance=SECRET)
VERIFIER = Path(__file__).resolve().parents[2] / "tools" / "verify_proof.py"
Proof = dict[str, Any]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Region, Proof, Proof]]:
    """Two nodes after a request; what each of them proves of it, as read from a file."""
    region = Region(tmp_path_factory.mktemp("proofs"), names=(A, B))
    asked = region.ask(A, B)
    region.deliver(A, B)
    for node in (A, B):
        proofs.write(proofs.prove(region.nodes[node], INA, asked.id), region.nodes[node].scratch / "proof.json")
    sent, came = (json.loads((region.nodes[node].scratch / "proof.json").read_bytes()) for node in (A, B))
    yield region, sent, came
    region.close()


def verified(proof: Any, folder: Path, *more: str) -> tuple[int, str]:
    """What the verifier says, without this house, the environment or the folder it is in."""
    path = folder / "proof.json"
    path.write_text(proof if isinstance(proof, str) else json.dumps(proof))
    command = [sys.executable, "-I", str(VERIFIER), str(path), *more]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, env={}, timeout=60, check=False)
    assert done.stderr == ""
    return done.returncode, done.stdout


def test_either_side_proves_it_to_who_was_not_there(told: tuple[Region, Proof, Proof], tmp_path: Path) -> None:
    _, sent, came = told
    status, out = verified(sent, tmp_path)
    assert status == 0, out
    assert f"{A} signed this content (request" in out
    assert f"{B} signed at" in out
    assert "keeps exactly this content" in out
    assert "lina exchange.send done" in out
    assert "node exchange.deliver done" in out
    status, out = verified(came, tmp_path)
    assert status == 0, out
    assert f"{B} signed the head of its log" in out
    assert f"{A} exchange.receive done" in out


def _header(compact: str, **changes: str) -> str:
    head, rest = compact.split(".", 1)
    held = json.loads(base64.urlsafe_b64decode(head + "=="))
    return base64.urlsafe_b64encode(json.dumps(held | changes).encode()).decode().rstrip("=") + "." + rest


def _payload(compact: str, **changes: Any) -> str:
    head, payload, signature = compact.split(".")
    held = json.loads(base64.urlsafe_b64decode(payload + "=="))
    return f"{head}.{base64.urlsafe_b64encode(json.dumps(held | changes).encode()).decode().rstrip('=')}.{signature}"


def _row(proof: Proof, **changes: Any) -> None:
    proof["log"]["rows"][0] |= changes


TAMPERINGS: dict[str, tuple[Callable[[Proof], object], str]] = {
    "content": (lambda b: b.update(content=_payload(b["content"], use="other")), "not the one that is spoken of"),
    "content and digest": (
        lambda b: (
            b.update(content=_payload(b["content"], use="other")),
            b["message"].update(sha256=digest(b["content"])),
        ),
        "signature of xa.fiu on the lintas-content",
    ),
    "another recipient": (lambda b: b["message"].update(recipient="xc.customs"), "names another recipient"),
    "another algorithm": (lambda b: b.update(receipt=_header(b["receipt"], alg="none")), "not signed by a key"),
    "another kind": (lambda b: b.update(receipt=b["content"]), "the lintas-receipt is not signed by a key"),
    "receipt": (lambda b: b.update(receipt=_payload(b["receipt"], code="expired")), "on the lintas-receipt"),
    "head": (lambda b: b["log"].update(head=_payload(b["log"]["head"], size=999)), "on the lintas-head"),
    "a stranger's head": (lambda b: b["log"].update(head=_payload(b["log"]["head"], node="xc.x")), "neither side"),
    "row": (lambda b: _row(b, officer="mallory"), "is not in the log"),
    "number": (lambda b: _row(b, number=1), "row 1 is not in the log"),
    "no number": (lambda b: _row(b, number=0), "none can have"),
    "path": (lambda b: b["log"]["rows"][0]["path"].pop(), "is not in the log"),
    "key": (lambda b: b["keys"][0].update(x=b["keys"][1]["x"]), "has another name"),
    "keys swapped": (lambda b: [k.update(node=A if k["node"] == B else B) for k in b["keys"]], "not signed by a key"),
    "nothing in it": (lambda b: b["log"].update(rows=[]), "nothing in it"),
    "neither": (lambda b: b.update(content=None, receipt=None), "nothing in it"),
    "a field is missing": (lambda b: b.pop("log"), "cannot be read"),
    "another kind of file": (lambda b: b.update(kind="x"), "no proof of the kind"),
}


@pytest.mark.parametrize("name", TAMPERINGS)
def test_each_tampering_is_found(told: tuple[Region, Proof, Proof], name: str, tmp_path: Path) -> None:
    _, sent, _ = told
    proof = json.loads(json.dumps(sent))
    change, says = TAMPERINGS[name]
    change(proof)
    assert proof != sent
    status, out = verified(proof, tmp_path)
    assert status == 1, out
    assert out.startswith("NOT PROVED: ")
    assert says in out


@pytest.mark.parametrize("text", ["", "[]", "null", "{}", '{"keys": 5}', "\x00", "[" * 100_000])
def test_what_is_no_proof_is_said_to_be_none(text: str, tmp_path: Path) -> None:
    status, out = verified(text, tmp_path)
    assert (status, out.startswith("NOT PROVED: ")) == (1, True)
    assert verified({}, tmp_path, "--card", str(tmp_path / "none"))[0] == 1


def test_the_rows_of_another_message_prove_nothing_of_this_one(
    told: tuple[Region, Proof, Proof], tmp_path: Path
) -> None:
    region, sent, _ = told
    other = region.ask(A, B)
    region.deliver(A, B)
    mixed = {**sent, "log": proofs.prove(region.nodes[A], INA, other.id)["log"]}
    status, out = verified(mixed, tmp_path)
    assert (status, "is about something else" in out) == (1, True)
    mixed = {**sent, "receipt": proofs.prove(region.nodes[A], INA, other.id)["receipt"]}
    status, out = verified(mixed, tmp_path)
    assert (status, "the receipt is for another message" in out) == (1, True)


def test_a_card_says_whose_keys_they_are(told: tuple[Region, Proof, Proof], tmp_path: Path) -> None:
    region, sent, _ = told
    cards = list[str]()
    for node in (A, B):
        path = tmp_path / f"{node}.card"
        path.write_text(node_card.signed(region.nodes[node], LINA) + "\n")
        cards += ["--card", str(path)]
    status, out = verified(sent, tmp_path, *cards)
    assert (status, out.count("(as on its card)")) == (0, 2), out
    card = node_card.own(region.nodes[A])
    stranger = replace(card, keys=keys.made(region.clock()))
    (tmp_path / "false.card").write_text(keys.sign(stranger, stranger))
    status, out = verified(sent, tmp_path, "--card", str(tmp_path / "false.card"))
    assert (status, "does not name the key" in out) == (1, True)


def test_of_what_was_recalled_the_digest_is_proved_and_after_new_keys_the_old_ones_are_there(tmp_path: Path) -> None:
    region = Region(tmp_path, names=(A, B))
    asked = region.ask(A, B)
    region.deliver(A, B)
    for days in (1, 40):
        region.clock.move(days=days)
        rotation.rotate(region.nodes[A], CORA)
        region.deliver(A, B)
    proof = proofs.prove(region.nodes[B], INA, asked.id)
    assert verified(proof, tmp_path)[0] == 0
    assert len([one for one in proof["keys"] if one["node"] == A]) == 3
    region.answer(A, asked, "recall", {"why": "It was wrong."})
    region.deliver(A, B)
    proof = proofs.prove(region.nodes[B], INA, asked.id)
    assert proof["content"] is None
    status, out = verified(proof, tmp_path)
    assert status == 0, out
    assert asked.sha256 in out
    region.close()


def test_who_inspects_proves_what_they_are_cleared_for(told: tuple[Region, Proof, Proof]) -> None:
    region, sent, _ = told
    office, name = region.nodes[A], sent["message"]["id"]
    assert Handling("amber").tlp == "amber"
    with pytest.raises(NotFoundError) as low:
        proofs.prove(office, replace(INA, clearance=OPEN), name)
    with pytest.raises(NotFoundError) as absent:
        proofs.prove(office, INA, "no-message")
    assert (low.value.code, absent.value.code) == ("unknown_message", "unknown_message")
    with pytest.raises(NotFoundError):
        proofs.prove(office, INA, name, "xc.customs")
    assert proofs.prove(office, INA, name, B)["message"] == sent["message"]
    with pytest.raises(DeniedError):
        proofs.prove(office, LINA, name)


def test_the_head_in_a_proof_is_one_that_peers_could_be_shown(told: tuple[Region, Proof, Proof]) -> None:
    region, sent, _ = told
    head = heads.read(sent["log"]["head"], node_card.own(region.nodes[A]), region.clock())
    assert head.node == A
    assert all(row["number"] <= head.size for row in sent["log"]["rows"])
