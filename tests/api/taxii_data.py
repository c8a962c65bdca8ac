"""What a TAXII server of fiction holds: indicators of an agency that is none, and 1,000 of one moment."""

import json
import uuid
from pathlib import Path
from typing import Any

ROOT, READ_ONLY, OPEN, CLOSED, DROP, MANY = "selat", "feed", "shared", "closed", "drop", "flood"
VERSIONS = ("2026-01-01T00:00:00.000Z", "2026-02-01T00:00:00.000Z", "2026-03-01T00:00:00.000Z")
ADDED = ("2026-01-02T00:00:00.000001Z", "2026-02-02T00:00:00.000002Z", "2026-03-02T00:00:00.000003Z")
FLOOD_AT = "2026-05-05T05:05:05.000005Z"
N_FLOOD = 1_000
MAX_BYTES = 400_000


def id_of(kind: str, n: int) -> str:
    return f"{kind}--{uuid.uuid5(uuid.NAMESPACE_URL, f'{kind} {n}')}"


def indicator(n: int, modified: str = VERSIONS[0], **more: Any) -> dict[str, Any]:
    return {
        "type": "indicator",
        "spec_version": "2.1",
        "id": id_of("indicator", n),
        "created": VERSIONS[0],
        "modified": modified,
        "name": f"Fictional account {n}",
        "pattern": f"[url:value = 'https://fiction.example/{n}']",
        "pattern_type": "stix",
        "valid_from": VERSIONS[0],
        **more,
    }


WATCHED = id_of("indicator", 1)  # has three versions
OLD = id_of("malware", 1)  # its newest version is of STIX 2.0
UNVERSIONED = id_of("url", 1)
_old = {"type": "malware", "id": OLD, "created": VERSIONS[0], "name": "Nobody's tool"}
HELD: list[tuple[dict[str, Any], str, str]] = [  # object, when it was added, version of STIX
    *((indicator(1, version), at, "2.1") for version, at in zip(VERSIONS, ADDED, strict=True)),
    ({**_old, "spec_version": "2.1", "modified": VERSIONS[0]}, ADDED[0], "2.1"),
    ({**_old, "modified": VERSIONS[2]}, ADDED[2], "2.0"),
    ({"type": "url", "spec_version": "2.1", "id": UNVERSIONED, "value": "https://fiction.example"}, ADDED[1], "2.1"),
]


def _collection(name: str, held: list[tuple[dict[str, Any], str, str]], *, read: bool, write: bool) -> dict[str, Any]:
    return {
        "id": str(uuid.uuid5(uuid.NAMESPACE_URL, name)),
        "title": name,
        "alias": name,
        "can_read": read,
        "can_write": write,
        "media_types": ["application/stix+json;version=2.1"],
        "objects": [value for value, _, _ in held],
        "manifest": [
            {
                "id": value["id"],
                "date_added": at,
                "version": value.get("modified", at),
                "media_type": f"application/stix+json;version={spec}",
            }
            for value, at, spec in held
        ],
    }


def data(address: str) -> dict[str, Any]:
    """A file, as the reference server of OASIS has it. `address`: where the roots are said to be."""
    flood = [(indicator(n), FLOOD_AT, "2.1") for n in range(N_FLOOD)]
    return {
        "/discovery": {"title": "Fiction", "default": f"{address}/{ROOT}/", "api_roots": [f"{address}/{ROOT}/"]},
        ROOT: {
            "information": {
                "title": "Selat",
                "versions": ["application/taxii+json;version=2.1"],
                "max_content_length": MAX_BYTES,
            },
            "status": [],
            "collections": [
                _collection(READ_ONLY, HELD, read=True, write=False),
                _collection(OPEN, [], read=True, write=True),
                _collection(CLOSED, [], read=False, write=False),
                _collection(DROP, [], read=False, write=True),
                _collection(MANY, flood, read=True, write=True),
            ],
        },
    }


def written(folder: Path, address: str) -> Path:
    """The same as a file."""
    file = folder / "taxii.json"
    file.write_text(json.dumps(data(address)), encoding="utf-8")
    return file
