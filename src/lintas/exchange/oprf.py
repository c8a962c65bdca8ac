"""A function that only two can compute: the holder of a key sees no input, the asker no key.

RFC 9497 with the suite ristretto255-SHA512, over libsodium. An asker calls `blind`, the holder `evaluate`, the asker
`finalize`; the holder alone computes the same with `output`. In mode VOPRF `prove` and `verify` show that a batch was
evaluated under the key that belongs to a public key. Scalars and elements are 32 bytes as they stand on a wire,
outputs 64. The blinds are drawn by libsodium. Nothing here limits how often a holder answers: whoever may ask without
limit can guess.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import IntEnum
from functools import reduce
from hashlib import sha512
from itertools import accumulate
from pathlib import Path
from tempfile import gettempdir

import rbcl  # type: ignore[import-untyped]

from lintas.model.errors import InputError, TooLargeError

N_OUTPUT = 64  # bytes, RFC 9497 section 4.1
MAX_TEXT = 2**16 - 1  # bytes of a text or of info: their length is written in two, RFC 9497 section 5.1
MAX_BATCH = 2**16 - 1  # elements of a proof: their number is written in two bytes, RFC 9497 section 2.2.1
ORDER = 2**252 + 27742317777372353535851937790883648493  # of the group, RFC 9496 section 4
IDENTITY = bytes(32)
_ONE = (1).to_bytes(32, "little")
_BLOCK = sha512(bytes(128))  # what every expansion begins with, RFC 9380 section 5.3.1

# The binding writes libsodium (2.8 MB) to a new temporary file at each import and leaves it there; it is mapped by now.
with suppress(OSError):
    if (_written := Path(rbcl._sodium._name)).parent == Path(gettempdir()):
        _written.unlink()


class Mode(IntEnum):
    """Variants of RFC 9497; the same key and text give another output in each."""

    OPRF = 0
    VOPRF = 1


@dataclass(frozen=True)
class KeyPair:
    """`secret`: scalar, not zero; `public`: element."""

    secret: bytes = field(repr=False)
    public: bytes


def new_key_pair() -> KeyPair:
    """A key drawn by libsodium."""
    return key_pair(rbcl.crypto_core_ristretto255_scalar_random())


def key_pair(secret: bytes) -> KeyPair:
    """The pair of a secret. Raises InputError `bad_scalar`."""
    return KeyPair(secret, rbcl.crypto_scalarmult_ristretto255_base(_scalar(secret)))


def derive_key_pair(seed: bytes, info: bytes, *, mode: Mode) -> KeyPair:
    """The pair of a seed of 32 bytes and of a public `info`: DeriveKeyPair. Raises InputError `bad_seed`."""
    if len(seed) != 32:
        raise InputError("A seed of a key has 32 bytes", do="Give the seed as it was drawn.", code="bad_seed")
    start, context = seed + _sized(info), _context(mode)
    for counter in range(256):
        secret = _to_scalar(start + bytes([counter]), b"DeriveKeyPair" + context)
        if secret != IDENTITY:  # the zero scalar is written like the identity
            return key_pair(secret)
    raise InputError("No key can be derived from this seed", do="Draw another seed.", code="bad_seed")


def blind(text: bytes, *, mode: Mode, scalar: bytes | None = None) -> tuple[bytes, bytes]:
    """The scalar to keep and the element to send. `scalar`: not drawn but given, for test vectors only.

    Raises InputError `bad_scalar`, and `bad_point` for a text that maps to the identity (none is known); TooLargeError.
    """
    chosen = rbcl.crypto_core_ristretto255_scalar_random() if scalar is None else _scalar(scalar)
    return chosen, _times(chosen, _to_group(text, mode))


def evaluate(secret: bytes, elements: Iterable[bytes]) -> list[bytes]:
    """The holder's answer to blinded elements, in their order. Raises InputError `bad_point`, `bad_scalar`."""
    _scalar(secret)
    return [_times(secret, element) for element in elements]


def finalize(text: bytes, scalar: bytes, evaluated: bytes) -> bytes:
    """The output for a text from the scalar it was blinded with. Raises InputError; TooLargeError."""
    return finalize_all([text], [scalar], [evaluated])[0]


def finalize_all(texts: Sequence[bytes], scalars: Sequence[bytes], evaluated: Sequence[bytes]) -> list[bytes]:
    """The outputs for texts, a third faster than one by one.

    Raises InputError `bad_point`, `bad_scalar`, and `bad_batch` unless there is an answer to each text; TooLargeError.
    """
    if not len(texts) == len(scalars) == len(evaluated):
        raise InputError("There is not one answer to each text", do="Ask the holder again.", code="bad_batch")
    elements = map(_times, _inverted([_scalar(scalar) for scalar in scalars]), evaluated)
    return list(map(_hashed, texts, elements))


def output(secret: bytes, text: bytes, *, mode: Mode) -> bytes:
    """The output for a text, computed by the holder of the key alone. Raises InputError; TooLargeError."""
    return _hashed(text, _times(_scalar(secret), _to_group(text, mode)))


def prove(pair: KeyPair, blinded: Sequence[bytes], evaluated: Sequence[bytes], *, scalar: bytes | None = None) -> bytes:
    """A proof of 64 bytes that `evaluated` is `blinded` times the secret of a pair: GenerateProof.

    `scalar`: not drawn but given, for test vectors only. Raises InputError `bad_point`, `bad_batch`, `bad_scalar`.
    """
    drawn = rbcl.crypto_core_ristretto255_scalar_random() if scalar is None else _scalar(scalar)
    mixed = _mixed(_weights(pair.public, blinded, evaluated), blinded)
    image = _times(_scalar(pair.secret), mixed)
    commitment = rbcl.crypto_scalarmult_ristretto255_base(drawn)
    challenge = _challenge(pair.public, mixed, image, commitment, _times(drawn, mixed))
    share = rbcl.crypto_core_ristretto255_scalar_mul(challenge, pair.secret)
    return challenge + bytes(rbcl.crypto_core_ristretto255_scalar_sub(drawn, share))


def verify(public: bytes, blinded: Sequence[bytes], evaluated: Sequence[bytes], proof: bytes) -> bool:
    """Whether a proof holds for a batch under a public key: VerifyProof. No answer of a batch that fails may be used.

    Raises InputError `bad_point`, `bad_batch`, and `bad_proof` for what is no proof at all.
    """
    challenge, answer = _scalar(proof[:32], "bad_proof"), _scalar(proof[32:], "bad_proof")
    base, add = rbcl.crypto_scalarmult_ristretto255_base, rbcl.crypto_core_ristretto255_add
    left = add(base(answer), _times(challenge, public))
    weights = _weights(public, blinded, evaluated)
    mixed, image = _mixed(weights, blinded), _mixed(weights, evaluated)
    right = add(_times(answer, mixed), _times(challenge, image))
    return _challenge(public, mixed, image, left, right) == challenge


def _weights(public: bytes, blinded: Sequence[bytes], evaluated: Sequence[bytes]) -> list[bytes]:
    if not 0 < len(blinded) == len(evaluated) <= MAX_BATCH:
        do = f"Give as many evaluated elements as blinded ones, 1 to {MAX_BATCH}."
        raise InputError("This batch cannot be proven", do=do, code="bad_batch")
    seed = _sized(sha512(_sized(public) + _sized(b"Seed-" + _context(Mode.VOPRF))).digest())
    pairs = enumerate(zip(blinded, evaluated, strict=True))
    return [_proof_scalar(seed + i.to_bytes(2) + _sized(c) + _sized(d) + b"Composite") for i, (c, d) in pairs]


def _mixed(weights: Sequence[bytes], elements: Sequence[bytes]) -> bytes:
    return reduce(rbcl.crypto_core_ristretto255_add, map(_times, weights, elements), IDENTITY)


def _challenge(*elements: bytes) -> bytes:
    return _proof_scalar(b"".join(map(_sized, elements)) + b"Challenge")


def _proof_scalar(transcript: bytes) -> bytes:
    return _to_scalar(transcript, b"HashToScalar-" + _context(Mode.VOPRF))


def _context(mode: Mode) -> bytes:
    return b"OPRFV1-" + bytes([mode]) + b"-ristretto255-SHA512"


def _to_scalar(message: bytes, tag: bytes) -> bytes:
    return bytes(rbcl.crypto_core_ristretto255_scalar_reduce(_expanded(message, tag)))


def _to_group(text: bytes, mode: Mode) -> bytes:
    return bytes(rbcl.crypto_core_ristretto255_from_hash(_expanded(_fitting(text), b"HashToGroup-" + _context(mode))))


def _expanded(message: bytes, tag: bytes) -> bytes:
    """64 bytes: expand_message_xmd with SHA-512, RFC 9380 section 5.3.1."""
    end = tag + bytes([len(tag)])
    first = _BLOCK.copy()
    first.update(message + b"\x00\x40\x00" + end)
    return sha512(first.digest() + b"\x01" + end).digest()


def _hashed(text: bytes, element: bytes) -> bytes:
    return sha512(_sized(text) + _sized(element) + b"Finalize").digest()


def _sized(value: bytes) -> bytes:
    return len(_fitting(value)).to_bytes(2) + value


def _fitting(value: bytes) -> bytes:
    if len(value) > MAX_TEXT:
        raise TooLargeError("This text is too long to be matched", do=f"Give at most {MAX_TEXT} bytes.")
    return value


def _inverted(scalars: Sequence[bytes]) -> list[bytes]:
    """The inverse of each, by one inversion and three products a scalar (Montgomery 1987)."""
    multiply, found = rbcl.crypto_core_ristretto255_scalar_mul, list[bytes]()
    products = list(accumulate(scalars, multiply, initial=_ONE))
    rest = rbcl.crypto_core_ristretto255_scalar_invert(products.pop())
    for scalar, before in zip(reversed(scalars), reversed(products), strict=True):
        found.append(multiply(rest, before))
        rest = multiply(rest, scalar)
    return found[::-1]


def _times(scalar: bytes, element: bytes) -> bytes:
    """A scalar that is not zero times an element that is not the identity; the group's order is a prime."""
    try:
        return bytes(rbcl.crypto_scalarmult_ristretto255(scalar, element))
    except (TypeError, ValueError, RuntimeError) as error:
        raise InputError("This is no element of the group", do="Ask the sender again.", code="bad_point") from error


def _scalar(value: bytes, code: str = "bad_scalar") -> bytes:
    if len(value) != 32 or not 0 < int.from_bytes(value, "little") < ORDER:
        raise InputError("This is no scalar of the group, or zero", do="Give it as it was made.", code=code)
    return value
