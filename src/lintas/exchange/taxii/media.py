"""Media types: application/taxii+json of version 2.1, and application/stix+json of what is in it."""

import re

TAXII = "application/taxii+json;version=2.1"
_OF_STIX = "application/stix+json;version="
_TAXII = re.compile(r"application/taxii\+json(?:;version=2\.1)?")
_ANY = ("*/*", "application/*")
_NEVER = re.compile(r";q=0(?:\.0*)?$")


def accepts(header: str | None) -> bool:
    """Whether who sent this Accept takes version 2.1. Who sent none takes anything (RFC 9110, 12.5.1)."""
    if header is None:
        return True
    parts = [_plain(part) for part in header.split(",")]
    return any(_is_taxii(re.sub(r";q=[\d.]*", "", part)) for part in parts if not _NEVER.search(part))


def is_taxii(content_type: str | None) -> bool:
    """Whether a body is said to be of version 2.1, or of TAXII without a version."""
    return bool(_TAXII.fullmatch(_plain(content_type or "")))


def of_stix(spec_version: str) -> str:
    """The media type of an object of a version of STIX."""
    return _OF_STIX + spec_version


def spec_version(media_type: str) -> str | None:
    """Which version of STIX a media type says; None for another one."""
    plain = _plain(media_type)
    return plain.removeprefix(_OF_STIX) if plain.startswith(_OF_STIX) else None


def _is_taxii(part: str) -> bool:
    return part in _ANY or bool(_TAXII.fullmatch(part))


def _plain(text: str) -> str:
    return text.replace(" ", "").replace('"', "").lower()
