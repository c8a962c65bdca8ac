"""Addresses of wallets."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lintas.model import wallet

# Test vectors: python-stdnum, BIP-173 and BIP-350; contract of USDT on Tron; a listed Ethereum address.
VALID = [
    "1NEDqZPvTWRaoho48qXuLLsrYomMXPABfD",
    "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
    "bc1pw508d6qejxtdg4y5r3zarvary0c5xw7kw508d6qejxtdg4y5r3zarvary0c5xw7kt5nd6y",
    "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
    "bc1sw50qgdz25j",
    "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t",
    "0x8589427373d6d84e98730d7795d8f6f8731fda16",
]


@pytest.mark.parametrize("address", VALID)
def test_an_address_that_holds_is_read_as_itself(address: str) -> None:
    assert wallet.parse(f" {address} ") == address


@pytest.mark.parametrize("address", VALID[:-1])  # an Ethereum address has a check sum in its case only
@pytest.mark.parametrize("place", [5, 9, -1])
def test_one_wrong_letter_breaks_an_address_with_a_check_sum(address: str, place: int) -> None:
    other = "q" if address[place] != "q" else "p"
    letters = list(address)
    letters[place] = other
    assert wallet.parse("".join(letters)) is None


def test_case_says_nothing_in_hexadecimal_and_bech32_but_may_not_be_mixed_in_the_latter() -> None:
    assert wallet.parse("0X8589427373D6D84E98730D7795D8f6f8731FDA16") == VALID[-1]
    assert wallet.parse(VALID[1].upper()) == VALID[1]
    assert wallet.parse(VALID[1][:-1] + "T") is None


@pytest.mark.parametrize(
    "text",
    [
        "bc1p38j9r5y49hruaue7wxjce0updqjuyyx0kh56v8s25huc6995vvpql3jow4",  # BIP-350: no letter of bech32
        "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kemeawh",  # BIP-350: version 0 with the sum of bech32m
        "0x8589427373D6D84E98730D7795D8f6f8731FDA1",
        "1",
        "bc1",
        "0x",
        "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6",
        "n/a",
        "unknown to us",
        "",
    ],
)
def test_what_can_be_no_address_is_none(text: str) -> None:
    assert wallet.parse(text) is None


def test_addresses_of_other_currencies_are_taken_as_written() -> None:
    assert wallet.parse("rPT1Sjq2YGrBMTttX4GZHjKu9dyfzbpAYe") == "rPT1Sjq2YGrBMTttX4GZHjKu9dyfzbpAYe"


def test_every_address_that_ofac_lists_is_read(shared: Path) -> None:
    files = sorted((shared / "data/money/ofac_wallets").glob("sanctioned_addresses_*.txt"))
    lines = [line for path in files for line in path.read_text(encoding="utf-8").split()]
    assert len(lines) > 700
    assert [line for line in lines if wallet.parse(line) is None] == []


@given(st.text() | st.text("13T0xbcq", min_size=20))
def test_any_text_is_an_address_or_none_and_an_address_reads_as_itself(text: str) -> None:
    found = wallet.parse(text)
    assert found is None or wallet.parse(found) == found
