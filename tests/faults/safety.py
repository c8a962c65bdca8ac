"""What keeps a node safe: backup, restore, upgrade."""

from collections.abc import Sequence
from contextlib import suppress

import pytest

from lintas.desk import archive, backup, trail, upgrade
from lintas.desk.office import Settings, open_office
from lintas.desk.restore import restore
from lintas.model.errors import ConflictError
from lintas.store import revisions
from lintas.store.database import attach
from tests.desk import backups
from tests.desk.cast import ALICE
from tests.desk.entries import load, people
from tests.faults.deeds import Deed, at_work
from tests.faults.killing import Say
from tests.store import old_node

# ---- A backup is made


def make_full(settings: Settings) -> None:
    with at_work(settings) as office:
        backups.fill(office)
        backups.custodian(office, settings.node.parent / "custodian.key")


def act_backup(settings: Settings, say: Say) -> None:
    with at_work(settings) as office:
        for n in range(4):
            backup.backup(office, ALICE, settings.node.parent / f"{n}.age")
            say(f"{n}.age")


def check_backup(settings: Settings, said: Sequence[str]) -> None:
    folder, key = settings.node.parent, settings.node.parent / "custodian.key"
    there = sorted(folder.glob("[!.]*.age"))
    assert set(said) <= {path.name for path in there}
    assert len(there) in (len(said), len(said) + 1)
    with at_work(settings) as office:
        for path in there:  # a file that has its name is whole
            with archive.read(path, archive.identities(key)) as members:
                assert sum(len(b"".join(member.blocks)) for member in members) > 10_000
        if there:
            new = Settings(folder / "new")
            assert restore(new, there[-1], key).verified is not None
            with at_work(new) as restored:
                assert backups.rows(restored) == backups.rows(office)
        trail.verify(office, ALICE)


# ---- A backup is restored


def make_backup(settings: Settings) -> None:
    with at_work(Settings(settings.node.parent / "before")) as office:
        backups.fill(office)
        backups.backed_up(office, settings.node.parent / "safe")


def act_restore(settings: Settings, say: Say) -> None:
    safe = settings.node.parent / "safe"
    restore(settings, safe / "node.age", safe / "custodian.key")
    say("restored")


def check_restore(settings: Settings, said: Sequence[str]) -> None:
    safe = settings.node.parent / "safe"
    at = _revision(settings)
    for _ in range(2 * (at == revisions.RESTORING)):  # it does not heal by being asked
        with pytest.raises(ConflictError) as caught:
            open_office(settings)
        assert caught.value.code == "restore_incomplete"
    if at in (None, revisions.RESTORING):
        assert not said
        assert restore(settings, safe / "node.age", safe / "custodian.key").verified is not None
    with at_work(settings) as office, at_work(Settings(settings.node.parent / "before")) as before:
        assert backups.rows(office) == backups.rows(before)
        assert backups.raw(office.node) == backups.raw(before.node)
        trail.verify(office, ALICE)
        load(office, people(3), accept_removals=True)


def _revision(settings: Settings) -> str | None:
    if not settings.database_url and not (settings.node / "node.sqlite").exists():
        return None
    database = attach(settings.database)
    with database.read() as connection:
        at = revisions.revision(connection)
    database.engine.dispose()
    return at


# ---- A node of an older version is upgraded


def make_old(settings: Settings) -> None:
    old_node.make(settings)


def act_upgrade(settings: Settings, say: Say) -> None:
    upgrade.run(settings, keys=["age17ma52w7ep7xgs865xgmpgwam72927m6gxl24njn5fyusghnw63zs257jm3"])
    say("upgraded")


def check_upgrade(settings: Settings, said: Sequence[str]) -> None:
    if _revision(settings) == old_node.FIRST:
        assert not said
        assert old_node.held(settings) == old_node.ROWS
        act_upgrade(settings, lambda _: None)
    elif not said:
        with suppress(ConflictError):
            act_upgrade(settings, lambda _: None)
    with at_work(settings) as office:
        held = backups.rows(office)
        kept = set(old_node.ROWS) - {"audit", "credentials"}
        assert {name: len(held[name]) for name in kept} == {name: len(old_node.ROWS[name]) for name in kept}
        assert len(held["unchained_log"]) == 3
        trail.verify(office, ALICE)


SAFETY = {
    "a backup is made": Deed(make_full, act_backup, check_backup),
    "a backup is restored": Deed(make_backup, act_restore, check_restore),
    "a node is upgraded": Deed(make_old, act_upgrade, check_upgrade),
}
