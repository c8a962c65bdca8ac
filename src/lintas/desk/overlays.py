"""What an agency forbids over and above the floor: texts of Cedar in the node's folder, added by command."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from lintas.desk import access, book, forbids, four_eyes, policy
from lintas.desk.book import END, FOLDER, NAME, SETTING
from lintas.desk.forbids import MAX_FORBIDS, wrong
from lintas.desk.office import Office
from lintas.desk.policy import Facts, Rules
from lintas.model.case import Proposal
from lintas.model.errors import ConflictError, InputError, NotFoundError
from lintas.model.officer import Officer
from lintas.store import officers, settings

VERB = "policies.change"
LONGEST_NAME = 64  # characters that are said of a name that is none


@dataclass(frozen=True)
class Overlay:
    """One text. `fault`: what is wrong with it; the node is closed while there is any. `by` empty: not by a command."""

    name: str
    sha256: str
    by: str
    at: str
    fault: str


def everything(office: Office, officer: Officer) -> list[Overlay]:
    """What stands over the floor here, by name."""
    access.require(office, officer, "policies.read", SETTING)
    found = book.texts(office.node / FOLDER)
    with office.database.read() as connection:
        recorded = _recorded(connection)
    damage = book.faults(found, recorded)
    names = sorted({name.removesuffix(END) for name in found} | set(recorded))
    return [_overlay(name, found, recorded, damage) for name in names]


def add(office: Office, officer: Officer, name: str, text: str, reason: str = "") -> Proposal | None:
    """Forbid more, from now on, in every process of the node. A proposal where this node asks for a second officer.

    `name`: of its file, as `no-tokens.cedar`. Raises InputError for a text that may not stand there, ConflictError when
    there is one of that name; nothing is changed then.
    """
    sha256 = book.digest(text.encode("utf-8", "surrogateescape"))
    access.require(office, officer, VERB, f"add {name[:LONGEST_NAME]}", {"sha256": sha256})
    with office.database.read() as connection:
        _require_fit(office, connection, name, text)
    if four_eyes.asked_for(office, VERB):
        about = f"add {name} ({sha256[:12]})"
        return four_eyes.propose(office, officer, VERB, about, {"add": name, "text": text}, reason)
    _added(office, officer, name, text)
    return None


def remove(office: Office, officer: Officer, name: str, reason: str = "") -> Proposal | None:
    """Forbid it no more, also when its file is damaged or gone. A proposal as in `add`. Raises NotFoundError."""
    name = name if name.endswith(END) else f"{name}{END}"
    access.require(office, officer, VERB, f"remove {name[:LONGEST_NAME]}")
    with office.database.read() as connection:
        _require_there(office, connection, name)
    if four_eyes.asked_for(office, VERB):
        return four_eyes.propose(office, officer, VERB, f"remove {name}", {"remove": name}, reason)
    _removed(office, officer, name)
    return None


def carry_out(office: Office, officer: Officer, proposal: Proposal) -> None:
    """Do what a second officer approved. Raises as `add` and `remove` do."""
    told = proposal.arguments
    if "add" in told:
        _added(office, officer, told["add"], told["text"])
    else:
        _removed(office, officer, told["remove"])


def _added(office: Office, officer: Officer, name: str, text: str) -> None:
    """The file first, then the record: a text without a record only forbids; one without a text closes the node."""
    data = text.encode()
    with office.database.write() as connection:
        settings.alone(connection)
        _require_fit(office, connection, name, text)
        said = {"sha256": book.digest(data), "by": officer.id, "at": office.now().isoformat(timespec="seconds")}
        _put(office.node / FOLDER, name, data)
        try:
            held = {**_recorded(connection), name.removesuffix(END): said}
            settings.put(connection, SETTING, held, by=officer.id, at=office.now())
        except BaseException:
            (office.node / FOLDER / name).unlink(missing_ok=True)
            raise
    access.done(office, officer, VERB, f"added {name}", {"sha256": said["sha256"], "text": text})


def _removed(office: Office, officer: Officer, name: str) -> None:
    """The record first, then the file, for the same reason."""
    with office.database.write() as connection:
        settings.alone(connection)
        _require_there(office, connection, name)
        held = {one: said for one, said in _recorded(connection).items() if f"{one}{END}" != name}
        settings.put(connection, SETTING, held, by=officer.id, at=office.now())
    path = office.node / FOLDER / name
    sha256 = book.digest(path.read_bytes()) if path.is_file() else None
    path.unlink(missing_ok=True)
    access.done(office, officer, VERB, f"removed {name}", {"sha256": sha256})


def _put(folder: Path, name: str, data: bytes) -> None:
    """The whole file at once, on the disk."""
    folder.mkdir(mode=0o700, exist_ok=True)
    part = folder / f".{name}.part"
    with part.open("wb") as stream:
        part.chmod(0o600)
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    part.replace(folder / name)


def _require_fit(office: Office, connection: Connection, name: str, text: str) -> None:
    """Raises InputError or ConflictError unless the text may stand beside those that do."""
    if not NAME.fullmatch(name):
        raise InputError(
            f"{name[:LONGEST_NAME]!r} cannot name a policy",
            do=f"Name the file with up to 40 of a-z, 0-9 and dash, then {END}.",
            code="bad_policy_name",
        )
    n_forbids = forbids.check(name, text)
    found = book.texts(office.node / FOLDER)
    recorded = _recorded(connection)
    if name in found or name.removesuffix(END) in recorded:
        raise ConflictError(
            f"There is a policy {name} already",
            do=f"Remove it first: lintas policies remove {name}.",
            code="policy_there",
        )
    if fault := book.faults(found, recorded):
        raise access.closed("; ".join(fault))
    texts = [data.decode() for data in found.values()]
    if n_forbids + sum(forbids.check(one, text) for one, text in zip(found, texts, strict=True)) > MAX_FORBIDS:
        raise wrong(name, f"with the others it makes more than {MAX_FORBIDS}", "too_many_policies")
    if not _may_repair(office, connection, policy.rules([*texts, text])):
        raise wrong(name, "under it nobody could remove it again", "policy_locks_out")


def _may_repair(office: Office, connection: Connection, rules: Rules) -> bool:
    """Whether under rules somebody may still remove an overlay by command, with another one where two are asked for."""
    under = replace(office, book=book.Fixed(rules))
    known = [one.officer for one in officers.everybody(connection) if one.disabled_at is None]
    able = [one for one in known if policy.allows(Facts(one, rules=rules), VERB)]
    if not four_eyes.asked_for(office, VERB):
        return bool(able)
    return any(_deciders(under, one) for one in able)


def _deciders(office: Office, proposer: Officer) -> Iterable[str]:
    fields = {"agency": proposer.agency, "verb": VERB, "proposed_by": proposer.id}
    return access.audience(office, "proposals.decide", on=("proposal", 0), fields=fields)


def _require_there(office: Office, connection: Connection, name: str) -> None:
    if name.removesuffix(END) not in _recorded(connection) and name not in book.texts(office.node / FOLDER):
        raise NotFoundError(
            f"No policy {name[:LONGEST_NAME]!r}", do="See: lintas policies list.", code="unknown_policy"
        )


def _recorded(connection: Connection) -> Mapping[str, Any]:
    held: Mapping[str, Any] = settings.get(connection, SETTING, {})
    return held


def _overlay(name: str, found: Mapping[str, bytes], recorded: Mapping[str, Any], damage: Mapping[str, str]) -> Overlay:
    said = recorded.get(name, {})
    file = f"{name}{END}"
    sha256 = book.digest(found[file]) if file in found else said.get("sha256", "")
    return Overlay(name, sha256, said.get("by", ""), said.get("at", ""), damage.get(file, ""))
