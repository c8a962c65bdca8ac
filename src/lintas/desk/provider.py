"""An agency's own OpenID provider: what it says of itself, the code for a token, and whether the token is true.

Calls go to the issuer's origin and nowhere else; no redirect is followed. OpenID Connect Core 1.0, RFC 7636, RFC 9207.
"""

import os
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import quote

import httpx
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from lintas.desk import origin, secret_files
from lintas.model.errors import FileError, InputError, LintasError, UnavailableError
from lintas.model.json_text import read_json
from lintas.model.text import clean_text

ISSUER, CLIENT_ID = "LINTAS_OIDC_ISSUER", "LINTAS_OIDC_CLIENT_ID"
SECRET, SECRET_FILE, NAME = "LINTAS_OIDC_CLIENT_SECRET", "LINTAS_OIDC_CLIENT_SECRET_FILE", "LINTAS_OIDC_NAME"
SCOPE = "openid"  # who it is, and nothing else: roles are given here
TIMEOUT_S, MAX_BYTES = 10, 1_000_000
LEEWAY_S = 60  # by which the provider's clock may differ
# Signatures that anybody can check and only the provider can make: no "none", no shared secret (RFC 8725, 3.1).
SIGNATURES = frozenset("RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA Ed25519".split())
LONGEST_SUBJECT = 255  # OpenID Connect Core 1.0, 2: a subject has at most 255 ASCII characters


@dataclass(frozen=True)
class Provider:
    """What this node knows of its provider. `secret` empty: a public client."""

    issuer: str
    client_id: str
    secret: str = field(repr=False)
    name: str


@dataclass(frozen=True)
class Metadata:
    """Where a provider is asked, and how it signs."""

    authorization: str
    token: str
    keys: str
    signatures: tuple[str, ...]
    posts_secret: bool
    names_itself: bool  # in its answers, as RFC 9207 has it


class Person(NamedTuple):
    """Who signed in at the provider, and when they last showed there who they are."""

    subject: str
    signed_in_at: datetime


class WrongTokenError(Exception):
    """Why an answer of the provider does not count, for the log."""


def configured(environment: Mapping[str, str] | None = None) -> Provider | None:
    """The provider that the environment names; None when it names none.

    Raises InputError when the issuer or the client is missing or none, FileError when the secret cannot be read.
    """
    given = os.environ if environment is None else environment
    issuer = given.get(ISSUER, "")
    if not issuer:
        return None
    place = origin.read(issuer)
    if place is None or not place.is_private or "?" in issuer or "#" in issuer or not given.get(CLIENT_ID):
        raise InputError(
            f"{ISSUER} and {CLIENT_ID} do not name an OpenID provider",
            where=issuer[:200],
            do="Give the issuer's https address as the provider writes it, and this node's client id there.",
            code="bad_provider",
        )
    secret = given.get(SECRET, "") or _secret_of(given.get(SECRET_FILE, ""))
    name = clean_text(given.get(NAME, ""))[:60] or place.host
    return Provider(issuer, given[CLIENT_ID], secret, name)


def _secret_of(path: str) -> str:
    unreadable = FileError(
        "The client secret cannot be read",
        where=path,
        do=f"Name a text file in {SECRET_FILE} that the account of the node may read.",
        code="no_client_secret",
    )
    return secret_files.text_of(path, unreadable)


def discover(provider: Provider) -> Metadata:
    """What the provider says of itself (OpenID Connect Discovery 1.0). Raises UnavailableError."""
    said = _fetch(provider, "GET", provider.issuer.rstrip("/") + "/.well-known/openid-configuration")
    places = [str(said.get(name)) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")]
    own = origin.read(provider.issuer)
    if said.get("issuer") != provider.issuer or any(origin.read(place) != own for place in places):
        raise _silent(provider, "its configuration names another issuer, or addresses that are not its own")
    offered = said.get("id_token_signing_alg_values_supported")
    signatures = sorted(SIGNATURES.intersection(offered)) if isinstance(offered, list) else ["RS256"]
    methods = said.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    return Metadata(
        places[0],
        places[1],
        places[2],
        tuple(signatures),
        "client_secret_basic" not in methods,
        said.get("authorization_response_iss_parameter_supported") is True,
    )


def address(
    provider: Provider, known: Metadata, *, back: str, state: str, nonce: str, verifier: str, max_age: timedelta
) -> str:
    """Where a browser goes to sign in at the provider. Who did so longer than `max_age` ago does it once more there."""
    anew = {} if max_age else {"prompt": "login"}
    made: str = prepare_grant_uri(
        known.authorization,
        provider.client_id,
        "code",
        redirect_uri=back,
        scope=SCOPE,
        state=state,
        nonce=nonce,
        code_challenge=create_s256_code_challenge(verifier),
        code_challenge_method="S256",
        max_age=int(max_age.total_seconds()),
        **anew,
    )
    return made


def person(
    provider: Provider,
    known: Metadata,
    answer: Mapping[str, str],
    *,
    back: str,
    nonce: str,
    verifier: str,
    since: datetime,
    at: datetime,
) -> Person:
    """Who signed in at the provider, by the parameters that it sent a browser back with. `since`: not before then.

    Raises WrongTokenError when the provider refused, or said what is not true of this sign-in; UnavailableError.
    """
    if answer.get("error") or not answer.get("code"):
        raise WrongTokenError(f"it answered {answer.get('error', 'nothing')[:60]}")
    if answer.get("iss", provider.issuer) != provider.issuer or (known.names_itself and "iss" not in answer):
        raise WrongTokenError("the answer is of another issuer")
    form = {
        "grant_type": "authorization_code",
        "code": answer["code"],
        "redirect_uri": back,
        "code_verifier": verifier,
    }
    tokens = _fetch(provider, "POST", known.token, **_as_client(provider, known, form))
    if not isinstance(tokens.get("id_token"), str):
        raise WrongTokenError(f"no ID token: {str(tokens.get('error', ''))[:60]}")
    keys = _fetch(provider, "GET", known.keys)
    claims = _claims(provider, known, tokens, keys, nonce, at)
    found, signed_in_at = claims["sub"], claims.get("auth_time")
    if not isinstance(found, str) or not 0 < len(found) <= LONGEST_SUBJECT:
        raise WrongTokenError("its ID token: the subject is none")
    if not isinstance(signed_in_at, int | float) or not since.timestamp() - LEEWAY_S <= signed_in_at:
        raise WrongTokenError(f"its ID token: auth_time {str(signed_in_at)[:20]}, asked for since {since:%H:%M:%S}")
    return Person(found, datetime.fromtimestamp(min(signed_in_at, at.timestamp()), UTC))


def _claims(
    provider: Provider, known: Metadata, tokens: Mapping[str, Any], keys: Any, nonce: str, at: datetime
) -> Mapping[str, Any]:
    registry = JWSRegistry(algorithms=list(known.signatures), strict_check_header=False)
    named = {"iss": provider.issuer, "aud": provider.client_id}
    wanted = {name: {"essential": True, "value": value} for name, value in named.items()}
    params = {"nonce": nonce, "client_id": provider.client_id, "access_token": tokens.get("access_token")}
    try:
        token = jwt.decode(tokens["id_token"], KeySet.import_key_set(keys), registry=registry)
        claims = CodeIDToken(token.claims, token.header, wanted, params)
        claims.validate(now=int(at.timestamp()), leeway=LEEWAY_S)
    except Exception as error:  # anything: it takes apart what came over a network
        raise WrongTokenError(f"its ID token: {type(error).__name__}, {error}"[:120]) from error
    return dict(claims)


def _as_client(provider: Provider, known: Metadata, form: dict[str, str]) -> dict[str, Any]:
    """The form, with what shows that this node sends it (RFC 6749, 2.3.1)."""
    if provider.secret and not known.posts_secret:
        return {"data": form, "auth": httpx.BasicAuth(quote(provider.client_id, ""), quote(provider.secret, ""))}
    shown = {"client_id": provider.client_id, **({"client_secret": provider.secret} if provider.secret else {})}
    return {"data": form | shown}


def _fetch(provider: Provider, method: str, url: str, **sent: Any) -> dict[str, Any]:
    """A JSON object of the provider. A refusal of the token endpoint (400, 401) is one too."""
    headers = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "lintas"}
    trusted = ssl.create_default_context()  # the machine's own authorities, the agency's among them
    body = bytearray()
    try:
        with (
            httpx.Client(timeout=TIMEOUT_S, verify=trusted, trust_env=False, headers=headers) as client,
            client.stream(method, url, **sent) as answer,
        ):
            for block in answer.iter_raw():
                body += block
                if len(body) > MAX_BYTES:
                    raise _silent(provider, f"it sent more than {MAX_BYTES} bytes")
            if answer.status_code not in (200, 400, 401):
                raise _silent(provider, f"status {answer.status_code}")
        found = read_json(bytes(body))
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise _silent(provider, str(error).partition("\n")[0][:100]) from error
    if not isinstance(found, dict):
        raise _silent(provider, "it sent no JSON object")
    return found


def _silent(provider: Provider, why: str) -> LintasError:
    return UnavailableError(
        f"{provider.name} did not answer as it should: {why}",
        do="Sign in with a passphrase, a passkey or a link, or try again later.",
        code="provider_silent",
    )
