"""Accounts of programs: whom they act for, when they end, and that secrets cannot be tried one after another."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lintas.cli.serving import application
from lintas.desk import officers, sessions, taxii, taxii_accounts, taxii_loading
from lintas.desk.office import Office
from lintas.model.errors import ConflictError, DeniedError, InputError, NotFoundError, SignInError
from lintas.model.officer import Officer
from tests.api import taxii_data as held
from tests.doors.routes import doors

SECRET = "a secret of fiction"


def liaison(office: Office, name: str = "lina", *roles: str) -> Officer:
    return officers.add(office, officers.owner(office), name, roles=[*(roles or ("liaison",))])


def test_an_account_acts_for_its_officer_within_taxii(office: Office) -> None:
    lina = liaison(office)
    taxii_accounts.create(office, lina, "misp", SECRET)
    acting = taxii_accounts.holder(office, "misp", SECRET)
    assert (acting.id, acting.via, acting.verbs) == ("lina", "token", frozenset({"taxii.read", "taxii.write"}))
    with pytest.raises(NotFoundError):
        taxii.discovery(office, acting)  # nothing is loaded; but they may ask
    with pytest.raises(DeniedError):
        taxii_accounts.create(office, acting, "another", SECRET)


def test_an_administrators_account_sees_no_content(office: Office) -> None:
    taxii_accounts.create(office, liaison(office, "arif", "administrator"), "opencti", SECRET)
    with pytest.raises(DeniedError):
        taxii.discovery(office, taxii_accounts.holder(office, "opencti", SECRET))


def test_a_new_secret_ends_the_one_before(office: Office) -> None:
    lina = liaison(office)
    taxii_accounts.create(office, lina, "misp", SECRET)
    taxii_accounts.create(office, lina, "misp", "another secret")
    with pytest.raises(SignInError):
        taxii_accounts.holder(office, "misp", SECRET)
    assert taxii_accounts.holder(office, "misp", "another secret").id == "lina"
    assert len(sessions.my_tokens(office, lina)) == 1


def test_a_name_is_one_officers(office: Office) -> None:
    lina, dewi = liaison(office), liaison(office, "dewi")
    taxii_accounts.create(office, lina, "misp", SECRET)
    with pytest.raises(ConflictError):
        taxii_accounts.create(office, dewi, "misp", "another secret")
    with pytest.raises(ConflictError):
        taxii_accounts.close(office, dewi, "misp")
    taxii_accounts.close(office, lina, "misp")
    with pytest.raises(NotFoundError):
        taxii_accounts.close(office, lina, "misp")
    taxii_accounts.create(office, dewi, "misp", SECRET)
    assert taxii_accounts.holder(office, "misp", SECRET).id == "dewi"


@pytest.mark.parametrize("end", ["close", "revoke", "disable", "reset", "a year"])
def test_an_account_ends(sqlite_office: Office, end: str) -> None:
    office, owner, lina = sqlite_office, officers.owner(sqlite_office), liaison(sqlite_office)
    taxii_accounts.create(office, lina, "misp", SECRET)
    match end:
        case "close":
            taxii_accounts.close(office, lina, "misp")
        case "revoke":
            sessions.revoke_token(office, owner, sessions.my_tokens(office, lina)[0].id)
        case "disable":
            officers.disable(office, owner, "lina")
        case "reset":
            officers.reset(office, owner, "lina")
        case _:
            later = datetime.now(UTC) + timedelta(days=366)
            office = replace(office, now=lambda: later)
    with pytest.raises(SignInError):
        taxii_accounts.holder(office, "misp", SECRET)


def test_who_guesses_waits_and_so_does_who_knows(sqlite_office: Office) -> None:
    taxii_accounts.create(sqlite_office, liaison(sqlite_office), "misp", SECRET)
    at = datetime.now(UTC)

    def is_let_in(secret: str, after_s: float) -> bool:
        later = replace(sqlite_office, now=lambda: at + timedelta(seconds=after_s))
        try:
            taxii_accounts.holder(later, "misp", secret)
        except SignInError:
            return False
        return True

    assert not any(is_let_in(f"wrong {n}", 0) for n in range(4))
    assert is_let_in(SECRET, 0)
    assert not any(is_let_in(f"wrong {n}", 1) for n in range(5))
    assert not is_let_in(SECRET, 30)
    assert is_let_in(SECRET, 32)
    assert not any(is_let_in("wrong", 40) for _ in range(5))
    assert not is_let_in("wrong", 71)
    assert not is_let_in(SECRET, 100)  # twice as long as the first time
    assert is_let_in(SECRET, 132)


@pytest.mark.parametrize(("name", "secret"), [("", SECRET), ("a b", SECRET), ("x" * 65, SECRET), ("ok", "short12")])
def test_a_name_or_secret_that_is_none(sqlite_office: Office, name: str, secret: str) -> None:
    with pytest.raises(InputError):
        taxii_accounts.create(sqlite_office, liaison(sqlite_office), name, secret)


def test_the_secret_is_nowhere_in_the_nodes_folder(sqlite_office: Office) -> None:
    taxii_accounts.create(sqlite_office, liaison(sqlite_office), "misp", SECRET)
    taxii_accounts.holder(sqlite_office, "misp", SECRET)
    for file in sqlite_office.node.rglob("*"):
        assert not file.is_file() or SECRET.encode() not in file.read_bytes(), file


def test_no_root_hides_a_page_of_the_node(sample_office: Office) -> None:
    served = {door.path.split("/")[1] for door in doors(application(sample_office))}
    assert len(served) > 20
    assert {one for one in served if "{" not in one} - {""} <= taxii_loading.RESERVED


def test_a_root_is_not_called_as_a_page_is(sqlite_office: Office, tmp_path: Path) -> None:
    file = held.written(tmp_path, "http://localhost")
    file.write_text(file.read_text(encoding="utf-8").replace(f'"{held.ROOT}":', '"runs":'), encoding="utf-8")
    with pytest.raises(ConflictError):
        taxii_loading.load(sqlite_office, officers.owner(sqlite_office), file)
