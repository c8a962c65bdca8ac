"""The signed directory of nodes: whom to meet, whose listing ended; nobody turns it back or signs it alone."""

import functools
import http.server
import shutil
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import certifi
import pytest
from tuf.api.metadata import TargetFile
from typer.testing import CliRunner

from lintas.cli.main import app
from lintas.desk import directory, directory_folder, directory_making, node_card, peers, rotation
from lintas.desk.office import Office
from lintas.exchange import keys
from lintas.model.errors import ConflictError, InputError, LintasError, NotFoundError
from lintas.store.messages import Kept
from tests.nodes.region import CORA, LINA, NAMES, Region, meet
from tests.paths import certificates

A, B, C = NAMES
NOW = datetime.now(UTC)
HOLDERS = ("xa-root", "xb-root", "xc-root")


@dataclass
class Made:
    """A directory that three states hold, two of them together, and the nodes of two of them."""

    region: Region
    folder: Path
    keys: dict[str, Path]
    public: dict[str, str]

    @property
    def office(self) -> Office:
        return self.region.nodes[A]

    def lists(self, *nodes: str) -> None:
        for node in nodes:
            cards = "\n".join(node_card.continued(self.region.nodes[node], LINA))
            directory_making.put(self.folder, cards.encode(), NOW)

    def sign(self, *names: str) -> None:
        for name in names:
            directory_making.sign(self.folder, self.keys[name])

    def publish(self, *names: str, at: datetime = NOW) -> None:
        """Signed by the states and by those who are named."""
        self.sign(*(names or ("xa", "xb")))
        directory_making.publish(self.folder, self.keys["publisher"], at)

    def root(self, *names: str, threshold: int = 2) -> None:
        held = [self.public[name] for name in names]
        directory_making.root(self.folder, held, threshold, self.public["publisher"], NOW)

    def read(self, source: Path | str | None = None) -> dict[str, str]:
        return {one.node: one.what for one in directory.read(self.office, LINA, str(source or self.folder))}

    def why(self, source: Path | str | None = None) -> str:
        with pytest.raises(LintasError) as caught:
            self.read(source)
        return caught.value.code

    def pin(self) -> str:
        return directory.pin(self.office, CORA, (self.folder / "metadata" / "1.root.json").read_bytes())

    def status(self, node: str) -> str:
        return peers.show(self.office, LINA, node)[0].status


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Made]:
    region = Region(tmp_path / "nodes", names=(A, B))
    peers.revoke(region.nodes[A], LINA, B, "To be met by the directory")
    with region.nodes[A].database.write() as connection:
        connection.exec_driver_sql("DELETE FROM peers")
    names = (*HOLDERS, "publisher", "xa", "xb", "other")
    files = {name: tmp_path / f"{name}.key" for name in names}
    public = {name: directory_making.new_key(file) for name, file in files.items()}
    held = Made(region, tmp_path / "directory", files, public)
    held.root(*HOLDERS)
    for state in ("xa", "xb"):
        directory_making.add_state(held.folder, state, [public[state]], 1, NOW)
    held.sign("xa-root", "xc-root")
    held.lists(A, B)
    held.publish()
    held.pin()
    yield held
    region.close()


def test_who_is_listed_is_met_and_two_officers_and_twelve_words_make_it_trusted(made: Made, tmp_path: Path) -> None:
    stick = shutil.copytree(made.folder, tmp_path / "stick")
    shutil.rmtree(made.folder)
    assert made.read(stick) == {A: "own", B: "met"}
    with pytest.raises(InputError):
        made.region.ask(A, B)
    words = node_card.in_words(node_card.own(made.region.nodes[B]))
    with pytest.raises(ConflictError):
        peers.confirm(made.office, LINA, B, words)
    peers.confirm(made.office, CORA, B, words)
    made.region.ask(A, B)
    assert made.region.deliver(A, B) == 1
    assert made.read(stick) == {A: "own", B: "same"}
    held = directory.show(made.office, LINA)
    assert (held.nodes, held.source, held.root_version) == ((A, B), str(stick), 1)
    assert held.expires_at is not None
    assert timedelta(days=30) < held.expires_at - NOW < timedelta(days=32)


def trusted(made: Made) -> None:
    made.read()
    peers.confirm(made.office, CORA, B, node_card.in_words(node_card.own(made.region.nodes[B])))


def asked(made: Made) -> Kept:
    made.region.ask(A, B)
    made.region.deliver(A, B)
    return made.region.all(A)[-1]


def test_new_keys_are_taken_when_known_ones_sign_for_them_and_older_cards_never(made: Made) -> None:
    trusted(made)
    before = "\n".join(node_card.continued(made.region.nodes[B], LINA)).encode()
    made.region.clock.move(hours=1)
    rotation.rotate(made.region.nodes[B], CORA)
    made.lists(B)
    made.publish()
    assert made.read() == {A: "own", B: "renewed"}
    assert peers.show(made.office, LINA, B)[1] == node_card.own(made.region.nodes[B]).public()
    assert asked(made).status == "kept"
    directory_making.put(made.folder, before, NOW)
    made.publish()
    assert made.read()[B] == "older"
    assert peers.show(made.office, LINA, B)[1] == node_card.own(made.region.nodes[B]).public()


def test_keys_that_nobody_known_signs_for_suspend_a_trusted_node(made: Made) -> None:
    trusted(made)
    waits = made.region.ask(A, B)
    made.region.clock.move(hours=1)
    rotation.rotate(made.region.nodes[B], CORA, is_compromised=True)
    made.lists(B)
    made.publish()
    assert made.read()[B] == "suspended"
    assert made.region.deliver(A, B) == 0
    assert [(one.status, one.code) for one in made.region.all(A)] == [("waiting", "suspended_peer")]
    assert waits.id == made.region.all(A)[0].id
    with pytest.raises(ConflictError):
        peers.add(made.office, LINA, node_card.signed(made.region.nodes[B], LINA))
    peers.revoke(made.office, LINA, B, "Its keys were stolen")
    assert made.read()[B] == "revoked", "the directory takes nobody back"
    meet(made.office, made.region.nodes[B])
    assert made.status(B) == "trusted"


def test_a_card_without_the_hybrid_key_is_a_downgrade(made: Made) -> None:
    trusted(made)
    own = node_card.own(made.region.nodes[B])
    lesser = replace(own, keys=tuple(key for key in own.keys if key.curve != keys.HYBRID))
    directory_making.put(made.folder, keys.sign(lesser, own).encode(), NOW)
    made.publish()
    assert made.read()[B] == "suspended"


def test_a_node_that_vanished_is_suspended_until_an_officer_decides(made: Made) -> None:
    trusted(made)
    directory_making.remove(made.folder, B, NOW)
    made.publish()
    assert made.read() == {A: "own", B: "suspended"}
    assert peers.show(made.office, LINA, B)[0].suspended_for == directory.VANISHED
    assert made.region.deliver(B, A) == 0
    with pytest.raises(InputError):
        rotation.resume(made.office, LINA, B, "")
    assert rotation.resume(made.office, LINA, B, "Asked them by telephone").status == "trusted"
    with pytest.raises(ConflictError):
        rotation.resume(made.office, LINA, B, "Once more")
    assert made.read() == {A: "own"}, "it was decided; the same news is not told again"
    assert made.region.deliver(A, B) == 1, "it is told of this node's keys, which may have changed meanwhile"
    assert asked(made).status == "kept"


def test_who_was_met_on_paper_alone_is_none_of_the_directorys_business(made: Made) -> None:
    directory_making.remove(made.folder, B, NOW)
    made.publish()
    meet(made.office, made.region.nodes[B])
    assert made.read() == {A: "own"}
    assert made.status(B) == "trusted"


def test_a_card_that_an_officer_added_waits_and_is_not_exchanged(made: Made) -> None:
    given = node_card.signed(made.region.nodes[B], LINA)
    peers.add(made.office, LINA, given)
    false = replace(node_card.own(made.region.nodes[B]), keys=keys.made(NOW))
    directory_making.put(made.folder, keys.sign(false, false).encode(), NOW)
    made.publish()
    assert made.read()[B] == "differs"
    assert peers.show(made.office, LINA, B)[0].card == given


def test_what_waits_for_a_second_officer_follows_the_directory(made: Made) -> None:
    made.read()
    made.region.clock.move(hours=1)
    rotation.rotate(made.region.nodes[B], CORA, is_compromised=True)
    made.lists(B)
    made.publish()
    assert made.read()[B] == "met"
    assert peers.show(made.office, LINA, B)[1] == node_card.own(made.region.nodes[B]).public()


def test_a_whole_state_can_be_let_go(made: Made) -> None:
    trusted(made)
    directory_making.remove_state(made.folder, "xb", NOW)
    made.publish("xa-root", "xb-root")
    assert made.read() == {A: "own", B: "suspended"}


def test_it_cannot_be_turned_back(made: Made, tmp_path: Path) -> None:
    old = shutil.copytree(made.folder, tmp_path / "old")
    trusted(made)
    directory_making.remove(made.folder, B, NOW)
    made.publish()
    made.read()
    assert made.why(old) == "directory_rolled_back"
    assert made.status(B) == "suspended"


def test_a_directory_that_is_frozen_is_refused_once_it_expired(made: Made) -> None:
    made.publish(at=NOW - timedelta(days=32))
    assert made.why() == "directory_expired"
    made.publish(at=NOW)
    assert made.read()[B] == "met"
    directory_making.renew(made.folder, "xb", NOW - timedelta(days=181))
    made.publish("xb")
    assert made.why() == "directory_expired", "also of one state's list"


def test_one_holder_alone_changes_nothing(made: Made) -> None:
    made.root("other", threshold=1)
    made.sign("other", "xa-root")
    with pytest.raises(InputError) as caught:
        made.publish("other")
    assert caught.value.code == "directory_not_signed"
    assert made.why() == "directory_not_signed", "nor when they hand it out as it is"
    made.sign("xb-root")
    made.publish("other")
    assert made.read()[B] == "met", "two of three hand it over"
    assert directory.show(made.office, LINA).root_version == 2


def test_the_keys_of_a_state_are_changed_by_the_holders_together(made: Made) -> None:
    made.read()
    directory_making.add_state(made.folder, "xb", [made.public["other"]], 1, NOW)
    for signers in (("xa-root", "other"), ("xb",)):
        with pytest.raises(InputError) as caught:
            made.publish(*signers)
        assert caught.value.code == "directory_not_signed"
    made.publish("xc-root")
    assert made.read() == {A: "own", B: "same"}
    directory_making.renew(made.folder, "xb", NOW)
    with pytest.raises(InputError):
        made.publish("xb")


def slipped_in(made: Made, path: str, data: bytes) -> None:
    """What a state that lies would list."""
    whole = directory_folder.draft(made.folder, "xa", NOW)
    whole.signed.targets[path] = TargetFile.from_data(path, data)
    directory_folder.write(made.folder, "xa", whole)
    made.publish("xa")


@pytest.mark.parametrize("path", ["xb/police.card", "xa/police.card", "xa/../../x.card", "nodes.card"])
def test_no_state_speaks_for_anothers_nodes(made: Made, path: str) -> None:
    data = "\n".join(node_card.continued(made.region.nodes[B], LINA)).encode()
    folder = (made.folder / "targets" / path).parent
    folder.mkdir(parents=True, exist_ok=True)
    whole = directory_folder.store_card(made.folder, data)[1]
    (folder / f"{whole.hashes['sha256']}.{Path(path).name}").write_bytes(data)
    slipped_in(made, path, data)
    assert made.why() == "directory_foreign_node"
    with pytest.raises(NotFoundError):
        made.status(B)


def test_another_card_under_this_nodes_name_is_seen(made: Made) -> None:
    false = replace(node_card.own(made.office), keys=keys.made(NOW))
    directory_making.put(made.folder, keys.sign(false, false).encode(), NOW)
    made.publish()
    assert made.read()[A] == "own_differs"


def test_what_is_damaged_or_missing_is_said_and_nothing_is_taken_in(made: Made) -> None:
    (card,) = (made.folder / "targets" / "xb").iterdir()
    whole = card.read_bytes()
    card.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    assert made.why() == "directory_changed"
    card.unlink()
    assert made.why() == "directory_incomplete"
    card.write_bytes(whole)
    (made.folder / "metadata" / "timestamp.json").write_text("{")
    assert made.why() == "bad_directory"
    (made.folder / "metadata" / "timestamp.json").unlink()
    assert made.why() == "directory_incomplete"
    assert made.why("/nowhere") == "directory_incomplete"
    assert peers.everybody(made.office, LINA) == []


def test_it_is_pinned_by_what_its_holders_signed(made: Made) -> None:
    root = made.folder / "metadata" / "1.root.json"
    assert len(made.pin().split()) == 12
    for data in (b"", b"{}", b"\xff", root.read_bytes().replace(b'"threshold":2', b'"threshold":1')):
        with pytest.raises(InputError) as caught:
            directory.pin(made.office, CORA, data)
        assert caught.value.code == "bad_directory"
    with pytest.raises(NotFoundError):
        directory.read(made.region.nodes[B], LINA, str(made.folder))


def test_it_is_read_over_https_from_a_host_that_is_believed(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, key = certificates.make(tmp_path)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    handler = functools.partial(_Quiet, directory=str(made.folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as host:
        host.socket = tls.wrap_socket(host.socket, server_side=True)
        threading.Thread(target=host.serve_forever, daemon=True).start()
        address = f"https://127.0.0.1:{host.server_port}/"
        assert made.why(address) == "directory_incomplete"
        monkeypatch.setattr(certifi, "where", lambda: str(certificate))
        assert made.read(address) == {A: "own", B: "met"}
        host.shutdown()
    assert made.why("http://127.0.0.1:1") == "directory_incomplete", "not in the clear"


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


def test_the_commands_do_it_all(tmp_path: Path) -> None:
    region = Region(tmp_path / "nodes", names=(A, B))
    folder, files = str(tmp_path / "directory"), {name: str(tmp_path / name) for name in ("one", "two", "state")}

    def run(*words: str, code: int = 0) -> str:
        done = CliRunner().invoke(app, words)
        assert done.exit_code == code, (words, done.output, done.exception)
        return done.output.strip()

    public = {name: run("directory", "key", file) for name, file in files.items()}
    with pytest.raises(ConflictError):
        directory_making.new_key(tmp_path / "one")
    held = ("--key", public["one"], "--key", public["two"])
    assert run("directory", "root", folder, *held, "--threshold", "2", "--publisher", public["one"]) == "root 1"
    run("directory", "add-state", folder, "xb", "--key", public["state"])
    at_b, at_a = (("--node", str(tmp_path / "nodes" / node), "--as") for node in (B, A))
    (tmp_path / "card").write_text(run(*at_b, "alice", "node", "card", "--for-directory").splitlines()[0])
    assert run("directory", "put", folder, str(tmp_path / "card")) == B
    said = [run("directory", "sign", folder, "--key", file) for file in files.values()]
    assert said == ["root 1: 1 of 2\ntargets 1: 1 of 2", "root 1: 2 of 2\ntargets 1: 2 of 2", "xb 1: 1 of 1"]
    assert run("directory", "publish", folder, "--key", files["one"]) == "published 1"
    run(*at_a, "cora", "directory", "pin", f"{folder}/metadata/1.root.json")
    assert run(*at_a, "lina", "directory", "read", folder) == f"{B}  same"
    assert B in run(*at_a, "lina", "directory", "show").splitlines()
    region.close()


def test_what_cannot_be_made_is_said(tmp_path: Path) -> None:
    folder, key = tmp_path / "directory", directory_making.new_key(tmp_path / "one.key")
    for threshold, held in ((0, [key]), (2, [key, key])):
        with pytest.raises(InputError) as caught:
            directory_making.root(folder, held, threshold, key, NOW)
        assert caught.value.code == "bad_threshold"
    for ask in (
        lambda: directory_making.root(folder, ["not a key"], 1, key, NOW),
        lambda: directory_making.add_state(folder, "xaa", [key], 1, NOW),
        lambda: directory_making.add_state(folder, "xa", [key], 1, NOW),
        lambda: directory_making.put(folder, b"no card", NOW),
        lambda: directory_making.sign(folder, tmp_path / "one.key"),
        lambda: directory_making.sign(folder, tmp_path / "nothing"),
        lambda: directory_making.publish(folder, tmp_path / "one.key", NOW),
    ):
        with pytest.raises(LintasError):
            ask()
