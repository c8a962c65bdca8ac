"""Who can open a backup: said by a custodian, and by two officers where the node asks for that."""

from pathlib import Path

import pytest

from lintas.desk import backup, custodians, proposals
from lintas.desk.office import Office
from lintas.model.errors import ConflictError, DeniedError, InputError, NotFoundError
from tests.desk.backups import custodian, parts
from tests.desk.cast import ALICE
from tests.desk.waiting import KIM, RINA, SARI, at_work, four_eyes_for


@pytest.fixture
def asking(office: Office) -> Office:
    """A node that asks for a second officer."""
    at_work(office)
    four_eyes_for(office, custodians.VERB)
    return office


def labels(office: Office) -> list[str]:
    return [one.label for one in custodians.everybody(office, ALICE)]


def test_the_first_key_needs_nobody_else_and_the_next_one_does(asking: Office, tmp_path: Path) -> None:
    first = custodian(asking, tmp_path / "first", "first")
    secret, key, proposal = custodians.new(asking, ALICE, "second", "the director asked for one")
    (tmp_path / "second").write_text(secret)
    assert proposal is not None
    assert labels(asking) == ["first"]
    backup.backup(asking, ALICE, tmp_path / "before.age")
    with pytest.raises(DeniedError):
        proposals.decide(asking, ALICE, proposal.number, True, "I trust myself")
    assert proposals.decide(asking, KIM, proposal.number, True, "seen on paper").carried_out_at is not None
    assert labels(asking) == ["first", "second"]
    assert [one.key for one in custodians.everybody(asking, KIM)][1] == key
    backup.backup(asking, ALICE, tmp_path / "after.age")
    assert parts(tmp_path / "after.age", tmp_path / "second") == parts(tmp_path / "after.age", first)


def test_a_key_is_removed_by_two_officers_too(asking: Office, tmp_path: Path) -> None:
    custodian(asking, tmp_path / "first", "first")
    for label in ("second", "third"):
        added = custodians.new(asking, ALICE, label, "as agreed")[2]
        assert added is not None
        proposals.decide(asking, SARI, added.number, True, "as agreed")
    going = custodians.remove(asking, ALICE, "first", "the officer left")
    assert going is not None
    assert labels(asking) == ["first", "second", "third"]
    proposals.decide(asking, KIM, going.number, True, "as agreed")
    assert labels(asking) == ["second", "third"]


def test_the_last_key_stays(sqlite_office: Office, tmp_path: Path) -> None:
    custodian(sqlite_office, tmp_path / "first", "first")
    with pytest.raises(ConflictError) as caught:
        custodians.remove(sqlite_office, ALICE, "first")
    assert caught.value.code == "last_custodian"
    with pytest.raises(NotFoundError):
        custodians.remove(sqlite_office, ALICE, "nobody")


def test_a_secret_key_is_nowhere_on_the_node(sqlite_office: Office) -> None:
    secret, key, _ = custodians.new(sqlite_office, ALICE, "first")
    sqlite_office.close()
    held = b"".join(path.read_bytes() for path in sqlite_office.node.rglob("*") if path.is_file())
    assert key.encode() in held
    assert secret.encode() not in held
    assert secret[15:60].encode() not in held


@pytest.mark.parametrize("key", ["", "age1", "AGE-SECRET-KEY-1", "ssh-ed25519 AAAA", "age1" + "q" * 58])
def test_a_key_that_is_none_is_refused(sqlite_office: Office, key: str) -> None:
    with pytest.raises(InputError) as caught:
        custodians.add(sqlite_office, ALICE, "first", key)
    assert caught.value.code == "bad_custodian_key"
    assert labels(sqlite_office) == []


def test_a_key_or_a_name_is_there_once(sqlite_office: Office) -> None:
    key = custodians.pair()[1]
    custodians.add(sqlite_office, ALICE, "first", key)
    for label, again in (("first", custodians.pair()[1]), ("second", key)):
        with pytest.raises(ConflictError) as caught:
            custodians.add(sqlite_office, ALICE, label, again)
        assert caught.value.code == "custodian_exists"
    with pytest.raises(InputError):
        custodians.add(sqlite_office, ALICE, " ", custodians.pair()[1])


def test_only_custodians_say_so(sqlite_office: Office) -> None:
    at_work(sqlite_office)
    for officer in (RINA, SARI):
        with pytest.raises(DeniedError):
            custodians.new(sqlite_office, officer, "mine")
    custodians.new(sqlite_office, KIM, "first")
    assert labels(sqlite_office) == ["first"]
