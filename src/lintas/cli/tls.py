"""TLS with the node's own certificate."""

import ssl
from pathlib import Path

from lintas.model.errors import FileError, InputError

# For TLS 1.2 forward secrecy and authenticated encryption alone (RFC 9325, 4.2); TLS 1.3 has no other suites.
CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"


def secured(certificate: Path | None, key: Path | None) -> ssl.SSLContext | None:
    """TLS 1.2 or newer with a certificate (its chain behind it) and its key, both PEM; None when neither is given.

    Raises InputError when one of the two is missing, FileError when a file is, cannot be read, or does not fit.
    """
    if certificate is None and key is None:
        return None
    if certificate is None or key is None:
        raise InputError(
            "A certificate and its key are given together or not at all",
            do="Give both --certificate FILE and --key FILE.",
            code="half_certificate",
        )
    for file in (certificate, key):
        try:
            file.open("rb").close()
        except OSError as error:
            raise FileError(
                f"The file cannot be read: {error.strerror}",
                where=str(file),
                do="Name a PEM file that the account of the node may read.",
                code="no_file",
            ) from error
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(CIPHERS)
    try:
        context.load_cert_chain(certificate, key, password=lambda: b"")  # else OpenSSL asks at the terminal
    except (ssl.SSLError, ValueError) as error:
        raise _unusable(certificate, key, error) from error
    return context


def _unusable(certificate: Path, key: Path, error: Exception) -> FileError:
    if isinstance(error, ssl.SSLError) and error.reason == "KEY_VALUES_MISMATCH":
        return FileError(
            "The key is not the key of the certificate",
            where=f"{certificate} and {key}",
            do="Give the key that the certificate was made with; the node's own certificate stands first in its file.",
            code="key_mismatch",
        )
    return FileError(
        "The certificate or its key is not what TLS needs",
        where=f"{certificate} and {key}",
        do="Give a PEM certificate, and its PEM key without a passphrase.",
        code="bad_certificate",
    )
