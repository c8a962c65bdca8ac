"""Making a directory of nodes: several states hold its root together, each state signs for its own nodes alone."""

import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from tuf.api.metadata import DelegatedRole, Delegations, Metadata, MetaFile, Root, Snapshot, Targets, Timestamp

from lintas.desk import directory_folder as folders
from lintas.desk.directory_folder import Whole
from lintas.model.errors import ConflictError, InputError

HELD = ("root", "targets")  # by the same keys: who speaks for a state weighs as much as who holds the directory
PUBLISHED = ("snapshot", "timestamp")


def new_key(file: Path) -> str:
    """Write a new signing key for this account alone; its public part. Raises ConflictError when the file is there."""
    key = Ed25519PrivateKey.generate()
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    except OSError as error:
        raise ConflictError(
            f"The key cannot be written: {error.strerror}",
            where=str(file)[:300],
            do="Name a new file, in a folder that is there.",
            code="file_exists",
        ) from error
    return key.public_key().public_bytes_raw().hex()


def root(folder: Path, keys: Sequence[str], threshold: int, publisher: str, at: datetime) -> int:
    """Say who holds the directory: so many of these keys together. Its version, which they sign.

    A later version needs signatures of those who held it before, too. Raises InputError.
    """
    before = folders.newest(folder, "root")
    after = Root(expires=at + folders.LIVES[Root])
    if before is not None:
        after.version = before.signed.version + (1 if before.signatures else 0)
    held = [folders.public_key(text) for text in dict.fromkeys(keys)]
    _check_threshold(threshold, len(held))
    for role in HELD:
        for key in held:
            after.add_key(key, role)
        after.roles[role].threshold = threshold
    for role in PUBLISHED:
        after.add_key(folders.public_key(publisher), role)
    folders.write(folder, "root", Metadata(after))
    if folders.newest(folder, "targets") is None:
        folders.write(folder, "targets", Metadata(Targets(expires=at + folders.LIVES[Targets])))
    else:  # signed anew, by those who hold it now
        folders.write(folder, "targets", folders.draft(folder, "targets", at))
    return after.version


def add_state(folder: Path, state: str, keys: Sequence[str], threshold: int, at: datetime) -> None:
    """Say which keys speak for a state, for the first time or anew; who holds the directory signs it.

    Raises InputError, NotFoundError.
    """
    if not folders.STATE.match(state):
        raise InputError("This is no state", where=state[:64], do="Write its two letters, as id.", code="bad_state")
    held = [folders.public_key(text) for text in dict.fromkeys(keys)]
    _check_threshold(threshold, len(held))
    whole = folders.draft(folder, "targets", at)
    before: Delegations = whole.signed.delegations or Delegations({}, {})
    ids = [key.keyid for key in held]
    role = DelegatedRole(state, ids, threshold, terminating=True, paths=[f"{state}/*"])
    roles = dict(before.roles or {}) | {state: role}
    known = before.keys | {key.keyid: key for key in held}
    used = {keyid for one in roles.values() for keyid in one.keyids}
    whole.signed.delegations = Delegations({keyid: key for keyid, key in known.items() if keyid in used}, roles)
    folders.write(folder, "targets", whole)
    if folders.newest(folder, state) is None:
        folders.write(folder, state, Metadata(Targets(expires=at + folders.LIVES[Targets])))
    else:  # signed anew, by the keys that speak for it now
        folders.write(folder, state, folders.draft(folder, state, at))


def remove_state(folder: Path, state: str, at: datetime) -> None:
    """Let nobody speak for a state any more. Raises NotFoundError."""
    folders.required(folder, state)
    whole = folders.draft(folder, "targets", at)
    whole.signed.delegations.roles.pop(state, None)
    folders.write(folder, "targets", whole)


def put(folder: Path, data: bytes, at: datetime) -> str:
    """List a node by its cards, or list newer ones; its state signs it. The node. Raises InputError, NotFoundError."""
    node, target = folders.store_card(folder, data)
    whole = folders.draft(folder, node.partition(".")[0], at)
    whole.signed.targets[target.path] = target
    folders.write(folder, node.partition(".")[0], whole)
    return node


def remove(folder: Path, node: str, at: datetime) -> None:
    """List a node no more: who trusts it suspends it. Raises NotFoundError."""
    state = node.partition(".")[0]
    folders.required(folder, state)
    whole = folders.draft(folder, state, at)
    whole.signed.targets.pop(folders.place(node), None)
    folders.write(folder, state, whole)


def renew(folder: Path, role: str, at: datetime) -> None:
    """Let a state's list, or `targets`, which lists the states, be good for longer; it is signed anew.

    Raises NotFoundError.
    """
    folders.write(folder, role, folders.draft(folder, role, at))


def sign(folder: Path, file: Path) -> list[str]:
    """Sign the last version of everything that a key may sign; which ones, and how many signatures each has now."""
    signer, said = folders.signer(file), list[str]()
    for role, held in _last(folder).items():
        above = [one.get_delegated_role(role) for one in _above(folder, role, held)]
        may = any(signer.public_key.keyid in one.keyids for one in above)
        if may and signer.public_key.keyid not in held.signatures:
            held.sign(signer, append=True)
            folders.write(folder, role, held)
            said.append(f"{role} {held.signed.version}: {len(held.signatures)} of {max(x.threshold for x in above)}")
    return said


def publish(folder: Path, file: Path, at: datetime) -> int:
    """Make the last version of everything the one that counts, for 31 days; its number.

    Raises InputError when a part has too few signatures, NotFoundError.
    """
    signer, last = folders.signer(file), _last(folder)
    for role, held in last.items():
        for above in _above(folder, role, held):
            if not above.get_verification_result(role, held.signed_bytes, held.signatures):
                raise _unsigned(f"{role} {held.signed.version}")
    before = folders.newest(folder, "snapshot")
    version = 1 if before is None else before.signed.version + 1
    known = {} if before is None else before.signed.meta  # of a state that is gone, too: TUF lets none vanish
    meta = known | {f"{role}.json": MetaFile(one.signed.version) for role, one in last.items() if role != "root"}
    snapshot = Metadata(Snapshot(version, expires=at + folders.LIVES[Snapshot], meta=meta))
    stamp = Metadata(Timestamp(version, expires=at + folders.LIVES[Timestamp], snapshot_meta=MetaFile(version)))
    for role, made in (("snapshot", snapshot), ("timestamp", stamp)):
        made.sign(signer)
        if not last["root"].signed.get_verification_result(role, made.signed_bytes, made.signatures):
            raise _unsigned(role)
        folders.write(folder, role, made)
    return version


def _last(folder: Path) -> dict[str, Whole]:
    """The last version of root, targets and every state."""
    held = {role: folders.required(folder, role) for role in HELD}
    states = held["targets"].signed.delegations.roles if held["targets"].signed.delegations else {}
    return held | {state: folders.required(folder, state) for state in states}


def _above(folder: Path, role: str, held: Whole) -> list[Root | Targets]:
    """Whose word says which keys sign a role: of a root itself and the one before it."""
    if role == "root":
        before = folder / folders.METADATA / f"{held.signed.version - 1}.root.json"
        return [held.signed, *([folders.load(before).signed] if before.exists() else [])]
    return [folders.required(folder, "root" if role == "targets" else "targets").signed]


def _check_threshold(threshold: int, n: int) -> None:
    if not 1 <= threshold <= n:
        raise InputError(
            "So many signatures cannot be had", do=f"Give a threshold from 1 to {n}, the keys.", code="bad_threshold"
        )


def _unsigned(what: str) -> InputError:
    return InputError(
        "Too few of the keys that count have signed a part of the directory",
        where=what,
        do="Let the others sign it: lintas directory sign.",
        code="directory_not_signed",
    )
