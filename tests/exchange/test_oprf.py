"""RFC 9497 with ristretto255-SHA512."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lintas.exchange import oprf
from lintas.exchange.oprf import KeyPair, Mode
from lintas.model.errors import InputError, TooLargeError

# RFC 9497, appendix A.1, as in poc/vectors/allVectors.json of the draft's repository (cfrg/draft-irtf-cfrg-voprf).
SEED, INFO = bytes.fromhex("a3" * 32), b"test key"
SECRETS = {
    Mode.OPRF: "5ebcea5ee37023ccb9fc2d2019f9d7737be85591ae8652ffa9ef0f4d37063b0e",
    Mode.VOPRF: "e6f73f344b79b379f1a0dd37e07ff62e38d9f71345ce62ae3a9bc60b04ccd909",
}
PUBLIC = "c803e2cc6b05fc15064549b5920659ca4a77b2cca6f04f6b357009335476ad4e"
BLIND = "64d37aed22a27f5191de1c1d69fadb899d8862b58eb4220029e036ec4c1f6706"
BLIND_2 = "222a5e897cf59db8145db8d16e597e8facb80ae7d4e26d9881aa6f61d645fc0e"
R, R_BATCH = BLIND_2, "419c4f4f5052c53c45f3da494d2b67b220d02118e0857cdbcf037f9ea84bbe0c"
INPUTS = "00", "5a" * 17


class Vector(NamedTuple):
    mode: Mode
    text: str
    blind: str
    blinded: str
    evaluated: str
    output: str
    proof: str = ""


VECTORS = [
    Vector(
        Mode.OPRF,
        INPUTS[0],
        BLIND,
        "609a0ae68c15a3cf6903766461307e5c8bb2f95e7e6550e1ffa2dc99e412803c",
        "7ec6578ae5120958eb2db1745758ff379e77cb64fe77b0b2d8cc917ea0869c7e",
        "527759c3d9366f277d8c6020418d96bb393ba2afb20ff90df23fb7708264e2f3"
        "ab9135e3bd69955851de4b1f9fe8a0973396719b7912ba9ee8aa7d0b5e24bcf6",
    ),
    Vector(
        Mode.OPRF,
        INPUTS[1],
        BLIND,
        "da27ef466870f5f15296299850aa088629945a17d1f5b7f5ff043f76b3c06418",
        "b4cbf5a4f1eeda5a63ce7b77c7d23f461db3fcab0dd28e4e17cecb5c90d02c25",
        "f4a74c9c592497375e796aa837e907b1a045d34306a749db9f34221f7e750cb4"
        "f2a6413a6bf6fa5e19ba6348eb673934a722a7ede2e7621306d18951e7cf2c73",
    ),
    Vector(
        Mode.VOPRF,
        INPUTS[0],
        BLIND,
        "863f330cc1a1259ed5a5998a23acfd37fb4351a793a5b3c090b642ddc439b945",
        "aa8fa048764d5623868679402ff6108d2521884fa138cd7f9c7669a9a014267e",
        "b58cfbe118e0cb94d79b5fd6a6dafb98764dff49c14e1770b566e42402da1a7d"
        "a4d8527693914139caee5bd03903af43a491351d23b430948dd50cde10d32b3c",
        "ddef93772692e535d1a53903db24367355cc2cc78de93b3be5a8ffcc6985dd06"
        "6d4346421d17bf5117a2a1ff0fcb2a759f58a539dfbe857a40bce4cf49ec600d",
    ),
    Vector(
        Mode.VOPRF,
        INPUTS[1],
        BLIND,
        "cc0b2a350101881d8a4cba4c80241d74fb7dcbfde4a61fde2f91443c2bf9ef0c",
        "60a59a57208d48aca71e9e850d22674b611f752bed48b36f7a91b372bd7ad468",
        "8a9a2f3c7f085b65933594309041fc1898d42d0858e59f90814ae90571a6df60"
        "356f4610bf816f27afdd84f47719e480906d27ecd994985890e5f539e7ea74b6",
        "401a0da6264f8cf45bb2f5264bc31e109155600babb3cd4e5af7d181a2c9dc0a"
        "67154fabf031fd936051dec80b0b6ae29c9503493dde7393b722eafdf5a50b02",
    ),
    Vector(  # the second of the batch
        Mode.VOPRF,
        INPUTS[1],
        BLIND_2,
        "90a0145ea9da29254c3a56be4fe185465ebb3bf2a1801f7124bbbadac751e654",
        "cc5ac221950a49ceaa73c8db41b82c20372a4c8d63e5dded2db920b7eee36a2a",
        "8a9a2f3c7f085b65933594309041fc1898d42d0858e59f90814ae90571a6df60"
        "356f4610bf816f27afdd84f47719e480906d27ecd994985890e5f539e7ea74b6",
    ),
]
BATCH_PROOF = (
    "cc203910175d786927eeb44ea847328047892ddf8590e723c37205cb74600b0a"
    "5ab5337c8eb4ceae0494c2cf89529dcf94572ed267473d567aeed6ab873dee08"
)
# No elements: RFC 9496, appendix A.2 (not canonical, negative, not on the curve), the identity, lengths.
NO_ELEMENTS = [
    "00ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "26948d35ca62e643e26a83177332e6b6afeb9d08e4268b650f1f5bbd8d81d371",
    "00" * 32,
    "",
    VECTORS[0].blinded[:-2],
    VECTORS[0].blinded + "00",
]
ORDER = oprf.ORDER.to_bytes(32, "little").hex()
PAIR = oprf.derive_key_pair(SEED, INFO, mode=Mode.VOPRF)
texts = st.binary(max_size=64)
hexed = bytes.fromhex


@pytest.mark.parametrize("mode", Mode)
def test_the_keys_of_the_rfc_are_derived(mode: Mode) -> None:
    assert oprf.derive_key_pair(SEED, INFO, mode=mode).secret.hex() == SECRETS[mode]


def test_the_public_key_of_the_rfc_is_derived() -> None:
    assert PAIR.public.hex() == PUBLIC


@pytest.mark.parametrize("vector", VECTORS)
def test_the_vectors_of_the_rfc(vector: Vector) -> None:
    text, secret = hexed(vector.text), hexed(SECRETS[vector.mode])
    scalar, element = oprf.blind(text, mode=vector.mode, scalar=hexed(vector.blind))
    assert element.hex() == vector.blinded
    (evaluated,) = oprf.evaluate(secret, [element])
    assert evaluated.hex() == vector.evaluated
    assert oprf.finalize(text, scalar, evaluated).hex() == vector.output
    assert oprf.output(secret, text, mode=vector.mode).hex() == vector.output


@pytest.mark.parametrize("vector", [vector for vector in VECTORS if vector.proof])
def test_the_proofs_of_the_rfc(vector: Vector) -> None:
    blinded, evaluated = [hexed(vector.blinded)], [hexed(vector.evaluated)]
    assert oprf.prove(PAIR, blinded, evaluated, scalar=hexed(R)).hex() == vector.proof
    assert oprf.verify(PAIR.public, blinded, evaluated, hexed(vector.proof))


def test_the_proof_of_the_batch_of_two_of_the_rfc() -> None:
    blinded = [hexed(VECTORS[i].blinded) for i in (2, 4)]
    evaluated = [hexed(VECTORS[i].evaluated) for i in (2, 4)]
    assert oprf.prove(PAIR, blinded, evaluated, scalar=hexed(R_BATCH)).hex() == BATCH_PROOF
    assert oprf.verify(PAIR.public, blinded, evaluated, hexed(BATCH_PROOF))
    assert not oprf.verify(PAIR.public, blinded[::-1], evaluated[::-1], hexed(BATCH_PROOF))


@given(texts, st.sampled_from(Mode))
def test_what_is_asked_in_the_dark_is_what_the_holder_computes(text: bytes, mode: Mode) -> None:
    pair = oprf.new_key_pair()
    scalar, element = oprf.blind(text, mode=mode)
    found = oprf.finalize(text, scalar, *oprf.evaluate(pair.secret, [element]))
    assert found == oprf.output(pair.secret, text, mode=mode)
    assert len(found) == oprf.N_OUTPUT


@given(texts, texts)
def test_outputs_differ_by_text_key_and_mode(one: bytes, other: bytes) -> None:
    output = oprf.output(PAIR.secret, one, mode=Mode.VOPRF)
    assert (output == oprf.output(PAIR.secret, other, mode=Mode.VOPRF)) == (one == other)
    assert output != oprf.output(PAIR.secret, one, mode=Mode.OPRF)
    assert output != oprf.output(oprf.new_key_pair().secret, one, mode=Mode.VOPRF)


@given(st.lists(texts, max_size=6))
def test_many_are_finished_as_one_by_one(asked: list[bytes]) -> None:
    blinds = [oprf.blind(text, mode=Mode.VOPRF) for text in asked]
    evaluated = oprf.evaluate(PAIR.secret, [element for _, element in blinds])
    found = oprf.finalize_all(asked, [scalar for scalar, _ in blinds], evaluated)
    assert found == [oprf.output(PAIR.secret, text, mode=Mode.VOPRF) for text in asked]
    with pytest.raises(InputError) as refused:
        oprf.finalize_all([*asked, b""], [*(scalar for scalar, _ in blinds), hexed(BLIND)], evaluated)
    assert refused.value.code == "bad_batch"


def test_the_same_text_is_blinded_otherwise_each_time() -> None:
    assert len({oprf.blind(b"A1234567", mode=Mode.VOPRF) for _ in range(20)}) == 20


@given(st.lists(texts, min_size=1, max_size=5), st.data())
def test_a_proof_holds_for_its_batch_and_key_only(given_texts: list[bytes], data: st.DataObject) -> None:
    blinded = [oprf.blind(text, mode=Mode.VOPRF)[1] for text in given_texts]
    evaluated = oprf.evaluate(PAIR.secret, blinded)
    proof = oprf.prove(PAIR, blinded, evaluated)
    assert oprf.verify(PAIR.public, blinded, evaluated, proof)
    other = oprf.new_key_pair()
    assert not oprf.verify(other.public, blinded, evaluated, proof)
    at = data.draw(st.integers(0, len(blinded) - 1))
    (junk,) = oprf.evaluate(other.secret, [blinded[at]])
    assert not oprf.verify(PAIR.public, blinded, [*evaluated[:at], junk, *evaluated[at + 1 :]], proof)
    assert not oprf.verify(PAIR.public, blinded, evaluated, oprf.prove(other, blinded, evaluated))


@given(st.integers(0, 8 * 64 - 1))
def test_a_proof_with_one_wrong_bit_does_not_hold(bit: int) -> None:
    proof = bytearray(hexed(VECTORS[2].proof))
    proof[bit // 8] ^= 1 << bit % 8
    holds, codes = False, []
    try:
        holds = oprf.verify(PAIR.public, [hexed(VECTORS[2].blinded)], [hexed(VECTORS[2].evaluated)], bytes(proof))
    except InputError as error:
        codes.append(error.code)
    assert not holds
    assert codes in ([], ["bad_proof"])


@pytest.mark.parametrize("element", NO_ELEMENTS)
def test_what_is_no_element_is_refused_wherever_it_comes_in(element: str) -> None:
    bad, good, proof = hexed(element), hexed(VECTORS[2].blinded), hexed(VECTORS[2].proof)
    calls: list[Callable[[], Any]] = [
        lambda: oprf.evaluate(PAIR.secret, [good, bad]),
        lambda: oprf.finalize(b"", hexed(BLIND), bad),
        lambda: oprf.prove(PAIR, [bad], [good]),
        lambda: oprf.verify(bad, [good], [good], proof),
        lambda: oprf.verify(PAIR.public, [bad], [good], proof),
        lambda: oprf.verify(PAIR.public, [good], [bad], proof),
    ]
    for call in calls:
        with pytest.raises(InputError) as refused:
            call()
        assert refused.value.code == "bad_point"


@given(st.binary(max_size=40))
def test_random_bytes_are_evaluated_as_an_element_or_refused(element: bytes) -> None:
    evaluated, codes = list[bytes](), []
    try:
        evaluated = oprf.evaluate(PAIR.secret, [element])
    except InputError as error:
        codes.append(error.code)
    assert codes == ([] if evaluated else ["bad_point"])
    assert oprf.IDENTITY not in (element, *evaluated) or not evaluated


@pytest.mark.parametrize("scalar", ["00" * 32, ORDER, "ff" * 32, "", "01", "01" * 33])
def test_zero_and_what_is_no_scalar_is_refused(scalar: str) -> None:
    bad, good = hexed(scalar), [hexed(VECTORS[2].blinded)]
    calls: list[Callable[[], Any]] = [
        lambda: oprf.key_pair(bad),
        lambda: oprf.blind(b"", mode=Mode.OPRF, scalar=bad),
        lambda: oprf.evaluate(bad, []),
        lambda: oprf.finalize(b"", bad, good[0]),
        lambda: oprf.output(bad, b"", mode=Mode.OPRF),
        lambda: oprf.prove(PAIR, good, good, scalar=bad),
        lambda: oprf.prove(KeyPair(bad, PAIR.public), good, good),
    ]
    for call in calls:
        with pytest.raises(InputError) as refused:
            call()
        assert refused.value.code == "bad_scalar"


@pytest.mark.parametrize("proof", ["", "00" * 64, VECTORS[2].proof[:-2], VECTORS[2].proof + "00", ORDER + BLIND])
def test_what_is_no_proof_is_refused(proof: str) -> None:
    with pytest.raises(InputError) as refused:
        oprf.verify(PAIR.public, [hexed(VECTORS[2].blinded)], [hexed(VECTORS[2].evaluated)], hexed(proof))
    assert refused.value.code == "bad_proof"


@pytest.mark.parametrize(("blinded", "evaluated"), [(0, 0), (1, 0), (1, 2), (2**16, 2**16)])
def test_an_empty_uneven_or_too_large_batch_is_refused(blinded: int, evaluated: int) -> None:
    point = hexed(VECTORS[2].blinded)
    with pytest.raises(InputError) as refused:
        oprf.prove(PAIR, [point] * blinded, [point] * evaluated)
    assert refused.value.code == "bad_batch"


def test_the_longest_text_is_taken_and_one_byte_more_is_not() -> None:
    longest = bytes(oprf.MAX_TEXT)
    scalar, element = oprf.blind(longest, mode=Mode.OPRF)
    assert oprf.finalize(longest, scalar, element)
    for call in (oprf.blind, lambda text, mode: oprf.output(PAIR.secret, text, mode=mode)):
        with pytest.raises(TooLargeError):
            call(longest + b"\0", mode=Mode.OPRF)


def test_a_text_that_maps_to_the_identity_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oprf, "_expanded", lambda message, tag: bytes(64))  # none is known, so the hash is replaced
    with pytest.raises(InputError):
        oprf.blind(b"", mode=Mode.OPRF)
    with pytest.raises(InputError):
        oprf.output(PAIR.secret, b"", mode=Mode.OPRF)
    with pytest.raises(InputError, match="derived"):  # every counter gives the zero scalar
        oprf.derive_key_pair(SEED, INFO, mode=Mode.OPRF)


@pytest.mark.parametrize("seed", [b"", SEED[1:], SEED + b"\0"])
def test_a_seed_of_another_length_is_refused(seed: bytes) -> None:
    with pytest.raises(InputError) as refused:
        oprf.derive_key_pair(seed, INFO, mode=Mode.OPRF)
    assert refused.value.code == "bad_seed"


def test_a_secret_is_not_shown() -> None:
    assert PAIR.secret.hex() not in repr(PAIR)
    assert repr(PAIR.secret) not in repr(PAIR)


def test_no_file_is_left_behind(tmp_path: Path) -> None:
    code = "from lintas.exchange import oprf; print(len(oprf.new_key_pair().public))"
    ended = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "TMPDIR": str(tmp_path)}, capture_output=True, check=True
    )
    assert ended.stdout == b"32\n"
    assert list(tmp_path.iterdir()) == []
