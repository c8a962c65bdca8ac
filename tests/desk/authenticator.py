"""An authenticator of software: makes passkeys and signs as a browser with a key on a ring would (WebAuthn level 3)."""

from dataclasses import dataclass, field
from hashlib import sha256
from os import urandom
from typing import Any

import cbor2
import orjson
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

PRESENT, VERIFIED, HAS_KEY = 0x01, 0x04, 0x40  # flags of authenticator data
Options = dict[str, Any]


@dataclass
class Authenticator:
    """One passkey at most. What a test changes stands in the fields."""

    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    key_id: bytes = field(default_factory=lambda: urandom(32))
    handle: bytes = b""
    count: int = 0
    flags: int = PRESENT | VERIFIED
    party: str = ""  # instead of what is asked for

    def make(self, options: Options, origin: str) -> str:
        """The answer to PublicKeyCredentialCreationOptionsJSON."""
        self.handle = base64url_to_bytes(options["user"]["id"])
        public = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: public.x.to_bytes(32, "big"), -3: public.y.to_bytes(32, "big")}
        held = bytes(16) + len(self.key_id).to_bytes(2, "big") + self.key_id + cbor2.dumps(cose)
        data = self._data(self.party or options["rp"]["id"], HAS_KEY) + held
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        said = _client_data("webauthn.create", options["challenge"], origin)
        return self._answer({"attestationObject": attestation, "clientDataJSON": said})

    def sign(self, options: Options, origin: str) -> str:
        """The answer to PublicKeyCredentialRequestOptionsJSON."""
        data = self._data(self.party or options["rpId"], 0)
        said = _client_data("webauthn.get", options["challenge"], origin)
        signature = self.key.sign(data + sha256(said).digest(), ec.ECDSA(hashes.SHA256()))
        response = {"authenticatorData": data, "clientDataJSON": said, "signature": signature}
        return self._answer({**response, "userHandle": self.handle})

    def _data(self, party: str, more: int) -> bytes:
        return sha256(party.encode()).digest() + bytes([self.flags | more]) + self.count.to_bytes(4, "big")

    def _answer(self, response: dict[str, bytes]) -> str:
        key_id = bytes_to_base64url(self.key_id)
        texts = {name: bytes_to_base64url(value) for name, value in response.items()}
        return orjson.dumps({"id": key_id, "rawId": key_id, "type": "public-key", "response": texts}).decode()


def _client_data(kind: str, challenge: str, origin: str) -> bytes:
    return orjson.dumps({"type": kind, "challenge": challenge, "origin": origin, "crossOrigin": False})
