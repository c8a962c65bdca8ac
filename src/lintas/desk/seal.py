"""The head of the log, signed and kept outside the database too: a log that was cut short does not fit it."""

import fcntl
import hmac
import logging
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from pathlib import Path

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from mnemonic import Mnemonic

from lintas.model.errors import InputError, UnavailableError
from lintas.store.log.rows import BEGINNING, Head

SIZE = 512  # bytes of the file; it is written over in place, which costs a tenth of a new file for every row
N_WORDS = 24  # BIP-39: 256 bits and a check of 8
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Kept:
    """A head of the log as it is kept in a file. `key`, `signature`: Ed25519, hexadecimal."""

    number: int
    hash: str
    at: str
    key: str
    signature: str

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the public key, hexadecimal: what is compared with paper."""
        return _fingerprint(self.key)

    def is_signed(self) -> bool:
        """Whether the key it names signed it; whose key that is, is another question."""
        try:
            public, signature = bytes.fromhex(self.key), bytes.fromhex(self.signature)
            Ed25519PublicKey.from_public_bytes(public).verify(signature, _signed(self.number, self.hash, self.at))
        except (InvalidSignature, ValueError, TypeError):
            return False
        return (public.hex(), signature.hex()) == (self.key, self.signature)


@dataclass(frozen=True)
class Seal:
    """The node's signing key, and the places that hold the newest head: its own file, and perhaps one elsewhere.

    A place is written over only while the log still holds the head that stands there. So a log that was cut off, or
    begun anew, does not grow past what was kept of it; and a head that was forged or removed stays so, to be found.
    """

    key: Ed25519PrivateKey
    own: Path
    second: Path | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)  # rows are added one after another; so no thread polls
    faults: dict[Path, str] = field(default_factory=dict)  # what this process found wrong with a place
    _known: dict[Path, Kept] = field(default_factory=dict)  # the newest head this process saw in a place

    @property
    def places(self) -> tuple[Path, ...]:
        """Where the head is kept."""
        return (self.own,) if self.second is None else (self.own, self.second)

    @cached_property
    def public(self) -> str:
        """The public key, hexadecimal."""
        return self.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the public key, hexadecimal."""
        return _fingerprint(self.public)

    @cached_property
    def _secret(self) -> bytes:
        raw = self.key.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
        return hmac.digest(raw, b"lintas log mac 1", "sha256")  # a key for each use, from one that is kept

    def mac(self, digest: str) -> str:
        """What only this node can write beside the hash of a row: HMAC-SHA256, hexadecimal."""
        return hmac.digest(self._secret, digest.encode(), "sha256").hex()

    def sign(self, head: Head, at: str) -> Kept:
        """A head with the node's signature."""
        signature = self.key.sign(_signed(head.number, head.hash, at)).hex()
        return Kept(head.number, head.hash, at, self.public, signature)

    def is_ours(self, kept: Kept) -> bool:
        """Whether this node signed a head; Ed25519 signs the same in the same way every time (RFC 8032)."""
        return kept == self.sign(Head(kept.number, kept.hash), kept.at)

    def fitting(self, hash_at: Callable[[int], str | None]) -> tuple[Path, ...]:
        """The places whose head the log still holds, as the writer of a row sees it. `hash_at`: the hash of a row."""
        fit = [place for place in self.places if self._fits(place, hash_at)]
        return tuple(place for place in fit if place.exists() or self.own in fit)

    def keep(self, kept: Kept, places: Iterable[Path]) -> None:
        """Write a head into places unless a newer one is there; another process of this node may be faster."""
        for place in places:
            self._put(place, kept)

    def _fits(self, place: Path, hash_at: Callable[[int], str | None]) -> bool:
        known = self._known.get(place)
        try:
            there = read(place)
        except InputError:
            if place == self.second and not place.exists():
                return True  # it was named only now, or its disk is away; the node's own head is what counts
            return self._doubt(place, "it is gone or cannot be read")
        if there != known and not self.is_ours(there):
            return self._doubt(place, "it does not bear this node's signature")
        newest = known if known is not None and known.number > there.number else there
        if hash_at(newest.number) != newest.hash:
            self._put(place, newest)  # where an older one was laid over it: the newer speaks against the log
            return self._doubt(place, f"the log does not hold its row {newest.number} any more")
        self._known[place] = newest
        self.faults.pop(place, None)
        return True

    def _put(self, place: Path, kept: Kept) -> None:
        try:
            with _held(place, os.O_RDWR | os.O_CREAT, fcntl.LOCK_EX) as file:
                written = os.pread(file, 2 * SIZE, 0)
                if not written or _parsed(written, place).number < kept.number:
                    os.pwrite(file, _encoded(kept), 0)
                    self._known[place] = kept
        except (OSError, InputError) as error:  # the row is in the log; that its head is not kept is told and found
            self._doubt(place, f"it cannot be written: {error}")

    def _doubt(self, place: Path, fault: str) -> bool:
        if self.faults.get(place) != fault:
            self.faults[place] = fault
            said = {"head": place.name, "fault": fault}
            _LOG.critical("the kept head of the log in %s is in doubt: %s", *said.values(), extra={"said": said})
        return False


def open_seal(folder: Path, second: Path | None = None, *, is_new: bool) -> Seal:
    """The seal of a node. Its key is made on first use, and with it the head of a log that `is_new`.

    To a log that is there already a new key gives no head: that its key was lost must be found. Raises InputError.
    """
    folder.mkdir(mode=0o700, exist_ok=True)
    path, own = folder / "log.ed25519", folder / "log-head.json"
    with _held(folder / "log.lock", os.O_RDWR | os.O_CREAT, fcntl.LOCK_EX):
        if not path.exists():
            _make(path, own, is_new)
    try:
        loaded = load_pem_private_key(path.read_bytes(), None)
    except (OSError, ValueError, TypeError):
        loaded = None
    if not isinstance(loaded, Ed25519PrivateKey):
        raise InputError(
            "The node's key is damaged, or not Ed25519",
            where=str(path),
            do="Put the keys of the last backup in its place.",
            code="bad_key",
        )
    return Seal(loaded, own, second)


def read(path: Path) -> Kept:
    """A head from a file. Raises InputError."""
    try:
        with _held(path, os.O_RDONLY, fcntl.LOCK_SH) as file:
            return _parsed(os.pread(file, 2 * SIZE, 0), path)
    except OSError as error:
        raise _bad_head(path) from error


def write(kept: Kept, path: Path) -> None:
    """A head into a file of its own, to be carried away. Raises UnavailableError when it cannot be written."""
    try:
        path.write_bytes(_encoded(kept))
    except OSError as error:
        raise UnavailableError(
            f"The head cannot be written: {error.strerror}",
            where=str(path),
            do="Choose another place.",
            code="not_written",
        ) from error


def in_words(digest: str) -> str:
    """A SHA-256 as 24 words (BIP-39, the last one checks the others), to be kept on paper."""
    return str(Mnemonic("english").to_mnemonic(bytes.fromhex(digest)))


def from_words(words: str) -> str:
    """The SHA-256 that 24 words say. Raises InputError for words that do not fit together."""
    told = words.lower().split()
    try:
        if len(told) != N_WORDS:
            raise ValueError
        return bytes(Mnemonic("english").to_entropy(told)).hex()
    except (ValueError, LookupError) as error:
        raise InputError(
            "These words are no head of a log",
            do=f"Compare them with the paper; there are {N_WORDS}.",
            code="bad_words",
        ) from error


def _make(path: Path, own: Path, is_new: bool) -> None:
    """A key, and before it the head: whoever is killed between the two begins again."""
    key = Ed25519PrivateKey.generate()
    if is_new and _is_free(own):
        own.unlink(missing_ok=True)
        made = Seal(key, own)
        made.keep(made.sign(Head(0, BEGINNING), ""), [own])
    part = path.with_suffix(".part")
    part.touch(mode=0o600)
    part.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    part.replace(path)


def _is_free(own: Path) -> bool:
    try:
        return read(own).number == 0
    except InputError:
        return not own.exists()


@contextmanager
def _held(path: Path, flags: int, lock: int) -> Iterator[int]:
    """A file that is open and locked, by its number."""
    file = os.open(path, flags | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(file, lock)
        yield file
    finally:
        os.close(file)


def _parsed(written: bytes, path: Path) -> Kept:
    try:
        kept = Kept(**orjson.loads(written))
    except (ValueError, TypeError) as error:
        raise _bad_head(path) from error
    if type(kept.number) is not int or _encoded(kept) != written:
        raise _bad_head(path)
    return kept


def _encoded(kept: Kept) -> bytes:
    return orjson.dumps(vars(kept)).ljust(SIZE - 1) + b"\n"


def _bad_head(path: Path) -> InputError:
    return InputError(
        "The kept head of the log cannot be read", where=str(path), do="Give a copy of it.", code="bad_head"
    )


def _fingerprint(public: str) -> str:
    return sha256(bytes.fromhex(public)).hexdigest()


def _signed(number: int, digest: str, at: str) -> bytes:
    return orjson.dumps(["lintas log head 1", number, digest, at])
