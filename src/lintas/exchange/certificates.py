"""The key a node shows on the line, with a certificate that vouches for itself: there is no authority, cards pin it.

ECDSA on P-256, because every TLS stack has it. A key is a JWK of kind EC whose `x5c` holds the certificate (RFC 7517,
4.7). What may be said is not decided by it: the signatures inside an envelope do that.
"""

import base64
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from joserfc.jwk import ECKey

KIND = "P-256"
MARGIN = timedelta(days=1)  # before the key begins: for the other node's clock; ours
ALWAYS = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)  # it ends when the card says so (RFC 5280, 4.1.2.5)
_PUBLIC = {"crv", "kty", "x", "y", "x5c"}
_USES = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])


def made(at: datetime) -> dict[str, Any]:
    """A new key with its private part and its certificate."""
    key = ECKey.generate_key(KIND)
    jwk: dict[str, Any] = {name: value for name, value in key.as_dict(private=True).items() if name != "kid"}
    return jwk | {"x5c": [base64.b64encode(_certificate(key, at)).decode()]}


def public(jwk: Mapping[str, Any]) -> dict[str, Any]:
    """Without the private part."""
    return {name: value for name, value in jwk.items() if name in _PUBLIC}


def thumbprint(jwk: Mapping[str, Any]) -> str:
    """RFC 7638: of the public key, and so of every certificate of it."""
    return ECKey.import_key({name: jwk[name] for name in ("crv", "kty", "x", "y")}).thumbprint()


def check(jwk: Mapping[str, Any]) -> None:
    """Raises ValueError for what is no key of this kind, or has a certificate of another."""
    if set(jwk) - {"d"} != _PUBLIC or (jwk["kty"], jwk["crv"]) != ("EC", KIND) or len(jwk["x5c"]) != 1:
        raise ValueError("members")
    if pin(der(jwk)) != thumbprint(jwk):
        raise ValueError("the certificate is of another key")
    if "d" in jwk:
        private = _key(jwk).private_key
        if not isinstance(private, ec.EllipticCurvePrivateKey) or _pinned(private.public_key()) != thumbprint(jwk):
            raise ValueError("the private part is of another key")


def der(jwk: Mapping[str, Any]) -> bytes:
    """The certificate. Raises ValueError."""
    return base64.b64decode(str(jwk["x5c"][0]), validate=True)


def pin(certificate: bytes) -> str:
    """The thumbprint of the key in a certificate (DER). Raises ValueError for a key of another kind."""
    try:
        key = x509.load_der_x509_certificate(certificate).public_key()
    except (x509.InvalidVersion, UnsupportedAlgorithm) as error:
        raise ValueError("the certificate") from error
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise ValueError("the key of the certificate")
    return _pinned(key)


def pem(jwk: Mapping[str, Any]) -> bytes:
    """Certificate and private key, as OpenSSL takes them."""
    private = _key(jwk).private_key
    if not isinstance(private, ec.EllipticCurvePrivateKey):
        raise ValueError("no private part")
    key = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return x509.load_der_x509_certificate(der(jwk)).public_bytes(Encoding.PEM) + key


def _key(jwk: Mapping[str, Any]) -> ECKey:
    return ECKey.import_key({name: value for name, value in jwk.items() if name != "x5c"})


def _pinned(key: ec.EllipticCurvePublicKey) -> str:
    return ECKey.import_key(key).thumbprint()


def _certificate(key: ECKey, at: datetime) -> bytes:
    """Named by the thumbprint, so that no two have one name; no authority for others."""
    private = key.private_key
    if not isinstance(private, ec.EllipticCurvePrivateKey):
        raise ValueError("no private part")
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, key.thumbprint())])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - MARGIN)
        .not_valid_after(ALWAYS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_USES, critical=False)
        .sign(private, hashes.SHA256())
    )
    return made.public_bytes(Encoding.DER)
