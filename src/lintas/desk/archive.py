"""The file that a backup is: a tar, packed with gzip, encrypted with age. No plain byte of it touches a disk.

The standard tools open it too: `age --decrypt --identity KEYFILE FILE | tar -xz`.
"""

import io
import os
import tarfile
import threading
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

import pyrage

from lintas.desk.results import whole
from lintas.model.errors import FileError, InputError, LintasError

BLOCK = 1024 * 1024  # bytes handed on at once
GZIP, LEVEL = 31, 1  # zlib's word for the gzip form; the fastest packing: rows shrink to a third of their size
MAX_KEYFILE = 64 * 1024  # bytes
Identity = pyrage.x25519.Identity


@dataclass(frozen=True)
class Member:
    """One file inside. `blocks` come to exactly `size_bytes`."""

    name: str
    size_bytes: int
    blocks: Iterable[bytes]


@dataclass(frozen=True)
class Written:
    """The encrypted file."""

    sha256: str
    size_bytes: int


def recipient(key: str) -> pyrage.x25519.Recipient:
    """The public key of a custodian: age1... Raises InputError."""
    try:
        return pyrage.x25519.Recipient.from_str(key.strip())
    except pyrage.RecipientError as error:
        raise InputError(
            f"{key.strip()[:80]!r} is no public key of age",
            do="Give the line that begins with age1, as age-keygen or `lintas custodian new` prints it.",
            code="bad_custodian_key",
        ) from error


def identities(path: Path) -> list[Identity]:
    """The secret keys in a file as age-keygen writes it. Raises InputError."""
    try:
        with path.open(encoding="utf-8") as lines:
            told = [line.strip() for line in lines.read(MAX_KEYFILE).splitlines()]
        found = [Identity.from_str(line) for line in told if line and not line.startswith("#")]
    except (OSError, UnicodeDecodeError, pyrage.IdentityError) as error:
        raise _no_identity(path) from error
    if not found:
        raise _no_identity(path)
    return found


def write(target: Path, members: Iterable[Member], keys: Sequence[str]) -> Written:
    """Write the file for the holders of these keys; it is there as a whole, on the disk, or not at all.

    Raises InputError for a key that is none, UnavailableError when the file cannot be written, what `members` raise.
    """
    source = _Plain(_packed(_tar(members)))
    to = [recipient(key) for key in keys]
    with whole(target) as part, part.open("wb") as stream:
        out = _Hashed(stream)
        try:
            pyrage.encrypt_io(source, out, to)
        except Exception:
            if source.error is not None:
                raise source.error from None
            raise
        stream.flush()
        os.fsync(stream.fileno())
    _sync(target.parent)
    return Written(out.digest.hexdigest(), out.size_bytes)


@contextmanager
def read(path: Path, keys: Sequence[Identity]) -> Iterator[Iterator[Member]]:
    """The members of a file, one after another; each is to be read before the next. To the end, or it is not checked.

    Raises FileError for a file that is none, is not for these keys, was cut short or changed.
    """
    try:
        source = path.open("rb")
    except OSError as error:
        raise FileError(
            f"The backup cannot be read: {error.strerror}", where=str(path), do="Check its name and rights."
        ) from error
    with source:
        opening = _Opening(path.name)
        inner, outer = os.pipe()
        thread = threading.Thread(target=opening.decrypt, args=(source, outer, keys), name="lintas-age", daemon=True)
        thread.start()
        try:
            with os.fdopen(inner, "rb", BLOCK) as plain:
                yield opening.members(plain, thread)
        finally:
            thread.join()


@dataclass
class _Opening:
    """A file while it is read: one thread decrypts, the other takes the tar apart."""

    name: str
    failure: list[Exception] = field(default_factory=list)

    def decrypt(self, source: io.BufferedIOBase, outer: int, keys: Sequence[Identity]) -> None:
        try:
            with io.BufferedWriter(io.FileIO(outer, "w"), BLOCK) as out:
                pyrage.decrypt_io(source, out, keys)
        except Exception as error:
            self.failure.append(error)

    def members(self, plain: IO[bytes], thread: threading.Thread) -> Iterator[Member]:
        with self._saying(thread), tarfile.open(fileobj=plain, mode="r|gz") as tar:
            while (one := tar.next()) is not None:
                tar.members.clear()  # type: ignore[attr-defined]  # or every one of them stays in memory
                inside = tar.extractfile(one) if one.isreg() else None
                if inside is None:
                    raise damaged(f"{self.name}: {one.name[:80]}")
                yield Member(one.name, one.size, self._blocks(inside, thread))
            while plain.read(BLOCK):
                pass  # the last block is the one that says that nothing is missing
        thread.join()
        if self.failure:
            raise self._said(self.failure[0])

    def _blocks(self, inside: IO[bytes], thread: threading.Thread) -> Iterator[bytes]:
        with self._saying(thread):
            while block := inside.read(BLOCK):
                yield block

    @contextmanager
    def _saying(self, thread: threading.Thread) -> Iterator[None]:
        try:
            yield
        except (tarfile.TarError, EOFError, zlib.error, OSError, ValueError) as error:
            thread.join(1)
            raise self._said(self.failure[0] if self.failure else error) from error

    def _said(self, failure: Exception) -> LintasError:
        if isinstance(failure, pyrage.DecryptError) and "No matching keys" in str(failure):
            return FileError(
                "The backup was not made for this key",
                where=self.name,
                do="Give the key file of a custodian of the node, as it was when the backup was made.",
                code="wrong_identity",
            )
        return damaged(self.name)


def damaged(where: str) -> FileError:
    """What is said of a file that is no backup, or not whole."""
    return FileError(
        "This is no backup of Lintas, or it was cut short or changed",
        where=where,
        do="Compare its SHA-256 with the one that `lintas backup` printed, or take another copy. Nothing was restored.",
        code="bad_backup",
    )


class _Plain(io.BufferedIOBase):
    """What is to be encrypted, to be read from; what its maker raised is kept."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks
        self._rest = memoryview(b"")
        self.error: BaseException | None = None

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1) -> bytes:
        try:
            while not self._rest:
                self._rest = memoryview(next(self._blocks))
        except StopIteration:
            return b""
        except BaseException as error:
            self.error = error
            raise
        piece, self._rest = self._rest[:size], self._rest[size:]
        return bytes(piece)


class _Hashed(io.BufferedIOBase):
    """A file that is hashed while it is written."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.digest = sha256()
        self.size_bytes = 0

    def writable(self) -> bool:
        return True

    def write(self, block: Any) -> int:
        self.digest.update(block)
        self.size_bytes += len(block)
        return self._stream.write(block)


def _tar(members: Iterable[Member]) -> Iterator[bytes]:
    for member in members:
        info = tarfile.TarInfo(member.name)
        info.size, info.mode = member.size_bytes, 0o600
        yield info.tobuf(tarfile.PAX_FORMAT)
        size = 0
        for block in member.blocks:
            size += len(block)
            yield block
        if size != member.size_bytes:
            raise FileError(
                "A file changed while it was backed up", where=member.name, do="Try again.", code="changed_meanwhile"
            )
        yield bytes(-size % tarfile.BLOCKSIZE)
    yield bytes(2 * tarfile.BLOCKSIZE)


def _packed(blocks: Iterable[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(LEVEL, wbits=GZIP)
    for block in blocks:
        yield packer.compress(block)
    yield packer.flush()


def _sync(folder: Path) -> None:
    """A new name is on the disk only when its folder is."""
    with suppress(OSError):
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)


def _no_identity(path: Path) -> InputError:
    return InputError(
        "No secret key of age can be read from this file",
        where=str(path),
        do="Give the file with the line AGE-SECRET-KEY-1..., as age-keygen or `lintas custodian new` printed it.",
        code="bad_identity",
    )
