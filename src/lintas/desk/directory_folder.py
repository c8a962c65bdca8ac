"""A directory of nodes as it lies in a folder, on a stick or behind a web server: metadata of TUF, and cards.

Every change is a new version of one role's file, `metadata/N.ROLE.json`, which counts once enough keys signed it and it
was published. Nothing here needs a node, a database or a network.
"""

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from securesystemslib.signer import CryptoSigner, SSlibKey
from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Metadata, Root, Signed, Snapshot, TargetFile, Targets, Timestamp

from lintas.exchange import keys
from lintas.model.errors import FileError, InputError, NotFoundError

METADATA, TARGETS = "metadata", "targets"
# Who signs the first two has to be met; the others say that it is alive, by a stick that comes every month. Ours.
LIVES: Mapping[type[Signed], timedelta] = {
    Root: timedelta(days=365),
    Targets: timedelta(days=180),
    Snapshot: timedelta(days=31),
    Timestamp: timedelta(days=31),
}
MAX_CARDS = 64 * 1024  # bytes of a file of one node's cards
STATE = re.compile(r"^[a-z]{2}$")
SUFFIX = ".card"
Whole = Metadata[Any]


def place(node: str) -> str:
    """The target of a node: "xa.fiu" stands at xa/fiu.card."""
    state, _, agency = node.partition(".")
    return f"{state}/{agency}{SUFFIX}"


def newest(folder: Path, role: str) -> Whole | None:
    """The last version of a role's file, signed or not. Raises FileError."""
    versions = [int(path.name.split(".")[0]) for path in (folder / METADATA).glob(f"[0-9]*.{role}.json")]
    return load(folder / METADATA / f"{max(versions)}.{role}.json") if versions else None


def required(folder: Path, role: str) -> Whole:
    """The same. Raises NotFoundError."""
    found = newest(folder, role)
    if found is None:
        raise NotFoundError(
            "There is no directory of nodes here, or it knows no such state",
            where=f"{folder} {role}"[:300],
            do="Name its folder; a new one begins with: lintas directory root.",
            code="no_directory",
        )
    return found


def draft(folder: Path, role: str, at: datetime) -> Whole:
    """The version that may be changed: the last one while nobody signed it, else one after it."""
    found = required(folder, role)
    if found.signatures:
        found.signatures.clear()
        found.signed.version += 1
    found.signed.expires = at + LIVES[type(found.signed)]
    return found


def write(folder: Path, role: str, held: Whole) -> None:
    """Write a version; the time stamp, which has one file for all of them, too."""
    (folder / METADATA).mkdir(parents=True, exist_ok=True)
    version = "" if isinstance(held.signed, Timestamp) else f"{held.signed.version}."
    path = folder / METADATA / f"{version}{role}.json"
    part = path.with_suffix(".part")
    part.write_bytes(held.to_bytes())
    part.replace(path)


def load(path: Path) -> Whole:
    """One file of metadata. Raises FileError."""
    try:
        return Metadata[Any].from_bytes(path.read_bytes())
    except (OSError, RepositoryError, ValueError) as error:
        raise FileError(
            "A file of the directory cannot be read",
            where=str(path)[:300],
            do="Copy the whole folder anew.",
            code="bad_directory",
        ) from error


def store_card(folder: Path, data: bytes) -> tuple[str, TargetFile]:
    """Lay the cards of a node into the folder; its id and its target. Raises InputError for what is no card."""
    card = keys.open_card(lines(data)[0])
    target = TargetFile.from_data(place(card.id), data)
    path = folder / TARGETS / target.path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.with_name(f"{sha256(data).hexdigest()}.{path.name}").write_bytes(data)
    return card.id, target


def lines(data: bytes) -> list[str]:
    """The cards in a file: signed by the newest key, then by each older one that is still good. Raises InputError."""
    with suppress(UnicodeDecodeError):
        if len(data) <= MAX_CARDS and (found := data.decode("ascii").split()):
            return found
    raise keys.bad_card()


def public_key(text: str) -> SSlibKey:
    """A key as `lintas directory key` prints it. Raises InputError."""
    try:
        return SSlibKey.from_crypto(Ed25519PublicKey.from_public_bytes(bytes.fromhex(text)))
    except ValueError as error:
        raise InputError(
            "This is no key of a directory",
            where=text[:100],
            do="Give the 64 letters that `lintas directory key` printed.",
            code="bad_directory_key",
        ) from error


def signer(file: Path) -> CryptoSigner:
    """The secret part, from its file. Raises FileError."""
    try:
        key = load_pem_private_key(file.read_bytes(), None)
        if not isinstance(key, Ed25519PrivateKey):
            raise TypeError
        return CryptoSigner(key)
    except (OSError, ValueError, TypeError) as error:
        raise FileError(
            "The key cannot be read",
            where=str(file)[:300],
            do="Name the file that `lintas directory key` wrote.",
            code="bad_directory_key",
        ) from error
