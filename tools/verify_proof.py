#!/usr/bin/env python3
"""Check a proof that `lintas audit prove` made: this file, Python 3.11 and the package `cryptography` are all it needs.

    python verify_proof.py proof.json [--card id.fiu.card ...]

It says in words what is proved and ends with 0, or with 1 and what does not hold. Whose keys they are the proof cannot
say: give the cards that the agencies handed you (`lintas node card`), or compare the keys that are printed.
"""

import argparse
import base64
import json
import re
import sys
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

KIND = "lintas-proof-1"
# What a row of the log hashes, in this order, after its number and the hash of the row before.
FIELDS = ("at", "officer", "agency", "purpose", "via", "verb", "object", "outcome", "subjects", "details")
Said = dict[str, Any]


class NotProvedError(Exception):
    """What does not hold."""


class Keys:
    """The public keys in a proof; `used`: those that signed something in it, by node."""

    def __init__(self, told: Sequence[Said]) -> None:
        self._keys = dict[tuple[str, str], bytes]()
        self.used = set[tuple[str, str]]()
        for one in told:
            canonical = json.dumps({"crv": "Ed25519", "kty": "OKP", "x": one["x"]}, separators=(",", ":"))  # RFC 7638
            require(b64(sha256(canonical.encode()).digest()) == one["id"], f"key {one['id']} has another name")
            self._keys[one["node"], one["id"]] = raw(one["x"])

    def opened(self, compact: str, kind: str, node: str) -> Said:
        """What a node signed as a compact JWS of a kind (RFC 7515, Ed25519)."""
        head, payload, signature = compact.split(".")
        header = json.loads(raw(head))
        key = self._keys.get((node, header.get("kid")))
        is_ours = header.get("alg") == "Ed25519" and header.get("typ") == kind and not set(header) & {"b64", "jwk"}
        require(key is not None and is_ours, f"the {kind} is not signed by a key of {node}")
        try:
            Ed25519PublicKey.from_public_bytes(key or b"").verify(raw(signature), f"{head}.{payload}".encode())
        except InvalidSignature:
            raise NotProvedError(f"the signature of {node} on the {kind} does not hold") from None
        self.used.add((node, header["kid"]))
        found = json.loads(raw(payload))
        require(isinstance(found, dict), f"the {kind} says nothing")
        return dict(found)


def require(holds: bool, fault: str) -> None:
    """Go on only if it holds."""
    if not holds:
        raise NotProvedError(fault)


def raw(text: str) -> bytes:
    """base64url without padding."""
    found = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    require(b64(found) == text, "a value is not written in its one form")
    return found


def b64(data: bytes) -> str:
    """Back."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def proved(proof: Said, keys: Keys) -> Iterator[str]:
    """What a proof proves, in sentences. Raises NotProvedError."""
    require(proof["kind"] == KIND, f"this is no proof of the kind {KIND}")
    about = proof["message"]
    yield f"Message {about['id']} of {about['issuer']} to {about['recipient']}:"
    content, receipt, rows = proof["content"], proof["receipt"], proof["log"]["rows"]
    require(bool(content or receipt) and bool(rows), "there is nothing in it that could prove anything")
    yield from _content(content, about, keys)
    yield from _receipt(receipt, about, keys)
    node = json.loads(raw(proof["log"]["head"].split(".")[1]))["node"]
    require(node in (about["issuer"], about["recipient"]), "the log is of neither side")
    head = keys.opened(proof["log"]["head"], "lintas-head", node)
    yield f"{node} signed the head of its log of {head['size']} rows on {head['day']}; in that log stand:"
    for row in rows:
        yield _row(row, about, head)
    yield from _stamp(proof["log"])


def _content(content: str | None, about: Said, keys: Keys) -> Iterator[str]:
    if not content:
        yield "- Its content is not in this proof (it may have been recalled); what was signed has the SHA-256"
        yield f"  {about['sha256']}"
        return
    require(sha256(content.encode()).hexdigest() == about["sha256"], "the content is not the one that is spoken of")
    said = keys.opened(content, "lintas-content", about["issuer"])
    for name in ("id", "issuer", "recipient"):
        require(said[name] == about[name], f"the content names another {name}")
    yield f"- {about['issuer']} signed this content ({said['type']}, dated {said['at']})."


def _receipt(receipt: str | None, about: Said, keys: Keys) -> Iterator[str]:
    if not receipt:
        yield "- There is no receipt in this proof: that it arrived is not proved."
        return
    said = keys.opened(receipt, "lintas-receipt", about["recipient"])
    who = (said["message"], said["issuer"], said["recipient"])
    require(who == (about["id"], about["recipient"], about["issuer"]), "the receipt is for another message")
    if said["code"] != "kept":
        yield f"- {about['recipient']} signed at {said['at']} that it refused it: {said['code']}."
        return
    require(said["sha256"] == about["sha256"], "the receipt is for another content")
    keys.opened(said["head"], "lintas-head", about["recipient"])
    yield f"- {about['recipient']} signed at {said['at']} that it keeps exactly this content."


def _row(row: Said, about: Said, head: Said) -> str:
    number, size = row["number"], head["size"]
    require(type(number) is int and type(size) is int and 0 < number <= size, "a row has a number that none can have")
    hashed = json.dumps([number, row["before"], *(row[name] for name in FIELDS)], **_PLAIN)
    leaf = sha256(b"\0" + sha256(hashed.encode()).hexdigest().encode()).digest()
    path = [bytes.fromhex(one) for one in row["path"]]
    require(_holds(number - 1, size, leaf, path, bytes.fromhex(head["root"])), f"row {number} is not in the log")
    require(f"message:{about['id']}" in json.loads(row["subjects"]), f"row {number} is about something else")
    digest = json.loads(row["details"]).get("sha256", about["sha256"])
    require(digest == about["sha256"], f"row {number} is about another content")
    return f"- row {number}, {row['at']}: {row['officer']} {row['verb']} {row['outcome']}: {row['object']}"


def _stamp(log: Said) -> Iterator[str]:
    if not log["stamp"]:
        yield "- There is no time stamp: the times are those that the nodes say."
        return
    token = base64.b64decode(log["stamp"]["token"], validate=True)
    require(sha256(log["head"].encode()).digest() in token, "the time stamp is not over this head")
    yield f"- It comes with a time stamp of {log['stamp']['authority']} over that head. This program cannot say whether"
    yield "  that holds; write it out with --stamp NAME, and give the authority's certificates to"
    yield "  openssl ts -verify -data NAME.head -in NAME.tsr -CAfile CERTIFICATES"


_PLAIN: Said = {"separators": (",", ":"), "ensure_ascii": False}


def _holds(place: int, size: int, leaf: bytes, path: Sequence[bytes], root: bytes) -> bool:
    """Whether a path leads from a row to the root of the tree (RFC 9162, 2.1.3.2)."""
    last, found = size - 1, leaf
    for one in path:
        if last == 0:
            return False
        if place & 1 or place == last:
            found = sha256(b"\1" + one + found).digest()
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            found = sha256(b"\1" + found + one).digest()
        place, last = place >> 1, last >> 1
    return last == 0 and found == root


def trusted(used: set[tuple[str, str]], cards: Sequence[Path]) -> Iterator[str]:
    """Whose keys they are, as far as cards say it. Raises NotProvedError for a key that its card does not name."""
    held = dict[str, set[str]]()
    for path in cards:
        card = json.loads(raw(path.read_text("ascii").strip().split(".")[1]))
        signing = [key["jwk"] for key in card["keys"] if key["jwk"].get("crv") == "Ed25519"]
        known = {json.dumps({name: key[name] for name in ("crv", "kty", "x")}, **_PLAIN) for key in signing}
        held[card["id"]] = {b64(sha256(one.encode()).digest()) for one in known}
    for node, key in sorted(used):
        require(node not in held or key in held[node], f"the card of {node} does not name the key {key}")
        yield f"- {node}: {key}" + (" (as on its card)" if node in held else " (compare it with what the agency gave)")


def main(words: Sequence[str]) -> int:
    """Read the proof, say what it proves."""
    asked = argparse.ArgumentParser(description="Check a proof of a message.")
    asked.add_argument("proof", type=Path)
    asked.add_argument("--card", type=Path, action="append", default=[], help="a card that an agency handed over")
    asked.add_argument(
        "--stamp", metavar="NAME", help="write the time stamp and what it is over as NAME.tsr, NAME.head"
    )
    told = asked.parse_args(words)
    try:
        proof = json.loads(told.proof.read_bytes())
        keys = Keys(proof["keys"])
        said = [*proved(proof, keys), "Signed with these keys:", *trusted(keys.used, told.card)]
        if told.stamp and proof["log"]["stamp"]:
            Path(f"{told.stamp}.head").write_text(proof["log"]["head"], "ascii")
            Path(f"{told.stamp}.tsr").write_bytes(base64.b64decode(proof["log"]["stamp"]["token"]))
    except NotProvedError as fault:
        print(f"NOT PROVED: {_clean(str(fault))}.")
        return 1
    except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as fault:
        print(f"NOT PROVED: this cannot be read as a proof ({type(fault).__name__}).")
        return 1
    print("\n".join(map(_clean, said)))
    return 0


def _clean(text: str) -> str:
    """Without what could play with a terminal."""
    return re.sub(r"[^\x20-\x7e\u00a0-\u200a\u2010-\u2027\u2030-\ud7ff]", "?", text)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
