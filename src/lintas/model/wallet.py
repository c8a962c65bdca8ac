"""Addresses of crypto-currency wallets.

Sources: Bitcoin base58check addresses (Bitcoin wiki, "Base58Check encoding"); BIP-173 (bech32) and BIP-350 (bech32m);
Ethereum addresses: 20 bytes in hexadecimal (Ethereum Yellow Paper, section 4.1). The upper and lower case of an
Ethereum address can carry a checksum (EIP-55), which needs Keccak-256; no library of this project has it, so
case says nothing here. Tron: base58check with version byte 0x41 (TRON developer documentation, "Account").
"""

import hashlib
import re

from stdnum import bitcoin
from stdnum.exceptions import ValidationError

_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_BITCOIN_OLD = re.compile(r"^[13][A-Za-z0-9]{0,34}$")  # base58 of 25 bytes: 26 to 35 characters, or cut short
_TRON = re.compile(r"^T[A-Za-z0-9]{29,35}$")  # always 34 characters; one typed too few or too many is still meant so
_BECH32 = re.compile(r"^bc1[qpzry9x8gf2tvdw0s3jn54khce6mua7l]{6,87}$")  # BIP-173: at most 90 characters
# 20 bytes: Ethereum and its kin. 32 bytes: Sui, Aptos, Starknet.
_HEX = re.compile(r"^0x(?:[0-9a-f]{40}|[0-9a-f]{64})$")
# The shortest are account names of EOS, 12 characters; the longest in use are Cardano's of some 110.
_OTHER = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._:-]{11,127}$")
_TRON_VERSION = 0x41
_BECH32_DIGITS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_BECH32_SUM, _BECH32M_SUM = 1, 0x2BC830A3  # BIP-173, BIP-350


def parse(text: str) -> str | None:
    """The address as its currency writes it; bech32 and hexadecimal in lower case.

    None when it has the look of a Bitcoin, Ethereum or Tron address and fails that one's check, or can be no
    address at all. Addresses of other currencies are accepted as written: they are not checked.
    """
    address = "".join(text.split())
    lower = address.lower()
    if lower.startswith("bc1"):
        return lower if address in (lower, address.upper()) and _is_bech32(lower) else None
    if lower.startswith("0x"):
        return lower if _HEX.match(lower) else None
    if _BITCOIN_OLD.match(address):
        return address if bitcoin.is_valid(address) else None
    if _TRON.match(address):
        return address if _is_tron(address) else None
    return address if _OTHER.match(address) and len(text.split()) == 1 else None


def _is_tron(address: str) -> bool:
    if len(address) != 34 or not set(address) <= set(_BASE58):
        return False
    raw = bitcoin.b58decode(address)
    digest = hashlib.sha256(hashlib.sha256(raw[:-4]).digest()).digest()
    return len(raw) == 25 and raw[0] == _TRON_VERSION and digest[:4] == raw[-4:]


def _is_bech32(address: str) -> bool:
    """Whether a lower-case `bc1...` address holds: version 0 by BIP-173, versions 1 to 16 by BIP-350."""
    if not _BECH32.match(address):
        return False
    digits = [_BECH32_DIGITS.index(c) for c in address[3:]]
    # "bc" spread as BIP-173 says: the high bits of its letters, a zero, the low bits.
    total = bitcoin.bech32_checksum([3, 3, 0, 2, 3, *digits])
    try:
        program = bitcoin.b32decode(digits[1:-6])
    except ValidationError:
        return False
    if digits[0] == 0:
        return total == _BECH32_SUM and len(program) in (20, 32)
    return total == _BECH32M_SUM and digits[0] <= 16 and 2 <= len(program) <= 40
