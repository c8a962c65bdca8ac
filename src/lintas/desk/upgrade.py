"""A node that an older version of the house made: a backup, then its tables are brought to this version, then checked.

Nobody writes in between: what is in the backup is what was migrated. The way back is that backup: `lintas restore`
into a new folder, with --no-upgrade for the older version of the house to open.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_urlsafe

from sqlalchemy import Connection

from lintas.desk import access, archive, backup, custodians, trail
from lintas.desk.backup import SETS, Contents, Made, Told
from lintas.desk.custodians import Custodian
from lintas.desk.office import Settings, make_folder, open_office
from lintas.desk.restore import HANDS
from lintas.desk.trail import Verified
from lintas.model.errors import NotFoundError
from lintas.store import dump, revisions, settings, upgrade
from lintas.store.database import attach, require_answer
from lintas.store.revisions import NODE

FIRST = "named for the upgrade"  # the label of a custodian that the node had no place for yet


@dataclass(frozen=True)
class Upgraded:
    """From which revisions to which, and the backup that was made before; `verified`: the log after it."""

    before: Mapping[str, str | None]
    after: Mapping[str, str]
    made: Made
    verified: Verified


def run(
    place: Settings,
    *,
    target: Path | None = None,
    keys: Sequence[str] = (),
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    told: Told = lambda what, n: None,
) -> Upgraded | None:
    """Upgrade a node; None when there is nothing to upgrade. `keys`: of custodians, beside those that the node knows.

    `target`: where the backup is written; in the node's folder under backups/ when None. Raises InputError without any
    custodian, NotFoundError when there is no node, ConflictError for one that is newer than this version of the house
    or incomplete, FileError when its tables are not what they should be after it. Then nothing was changed.
    """
    if not place.node.is_dir():
        raise _no_node(place)
    make_folder(place)
    database, log = attach(place.database), attach(place.log)
    try:
        require_answer(database)
        require_answer(log)
        with database.write() as to_node, log.write() as to_log:
            into = {"node": to_node, "log": to_log}  # of the two, the log is committed first
            before = _before(place, into)
            if all(at == revisions.newest(SETS[folder]) for folder, at in before.items()):
                return None
            made = _backup(place, into, before, target, keys, now, told)
            for folder, connection in into.items():
                upgrade.bring(connection, SETS[folder])
            _keep(to_node, keys, now)
    finally:
        database.engine.dispose()
        log.engine.dispose()
    after = {folder: revisions.newest(tables) for folder, tables in SETS.items()}
    office = open_office(place, now=now, secret=token_urlsafe)
    said = {"from": before, "to": after, "backup": made.path.name, "sha256": made.sha256}
    access.done(office, HANDS, "node.upgrade", "the tables of the node", said)
    verified = trail.verify(office, HANDS)
    office.close()
    return Upgraded(before, after, made, verified)


def _before(place: Settings, into: Mapping[str, Connection]) -> dict[str, str | None]:
    revisions.lock(into["node"])
    before = {folder: revisions.revision(connection, SETS[folder]) for folder, connection in into.items()}
    if before["node"] is None:
        raise _no_node(place)
    if before["node"] == revisions.RESTORING:
        raise revisions.unfinished()
    for folder, at in before.items():
        if at is None:
            continue
        if not revisions.is_known(at, SETS[folder]):
            raise revisions.other_version(at)
        dump.hold(into[folder], revisions.described(at, SETS[folder]))
    return before


def _backup(
    place: Settings,
    into: Mapping[str, Connection],
    before: Mapping[str, str | None],
    target: Path | None,
    keys: Sequence[str],
    now: Callable[[], datetime],
    told: Told,
) -> Made:
    known = _known(into["node"], before["node"])
    to = custodians.required([*known, *(Custodian(FIRST, key.strip()) for key in keys)])
    for key in to:
        archive.recipient(key)
    at = now()
    if target is None:
        target = place.node / "backups" / f"before-upgrade-from-{before['node']}-{at:%Y%m%dT%H%M%S%fZ}.age"
        target.parent.mkdir(mode=0o700, exist_ok=True)
    contents = Contents(place.node, lambda: nullcontext(into["node"]), lambda: nullcontext(into["log"]), at, told)
    return backup.write(contents, target, to)


def _known(connection: Connection, at: str | None) -> list[Custodian]:
    has_settings = at is not None and "settings" in revisions.described(at, NODE).tables
    return custodians.held(connection) if has_settings else []


def _keep(connection: Connection, keys: Sequence[str], now: Callable[[], datetime]) -> None:
    """A node that knew no custodian knows those who were named for its upgrade."""
    if keys and not custodians.held(connection):
        found = [{"label": f"{FIRST}, {n}", "key": key.strip()} for n, key in enumerate(keys, start=1)]
        settings.put(connection, custodians.SETTING, found, by=HANDS.id, at=now())


def _no_node(place: Settings) -> NotFoundError:
    return NotFoundError(
        "There is no node to upgrade", where=str(place.node), do="Name its folder: --node DIR.", code="no_node_here"
    )
