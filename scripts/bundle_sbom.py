"""The bill of materials of a bundle (CycloneDX 1.6): wheels, what is built into them, and the pages' npm packages.

What serves at run time is `required`; what tests and builds need is `excluded`, as CycloneDX calls it.
"""

import base64
import json
import re
import uuid
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType, Property
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentScope, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from scripts.bundle_wheels import Wheel

LICENCES = LicenseFactory()
PROJECT = "lintas"


def bill(run: list[Wheel], dev: list[Wheel], npm: Mapping[str, Any], *, commit: str, epoch: int) -> str:
    """The bill as JSON. `run` has the wheel of Lintas; `npm` is package-lock.json; `epoch` in seconds since 1970."""
    parts = {wheel.name: _of_wheel(wheel, ComponentScope.REQUIRED) for wheel in run}
    parts |= {wheel.name: _of_wheel(wheel, ComponentScope.EXCLUDED) for wheel in dev}
    ours = parts.pop(PROJECT)
    ours.type, ours.scope = ComponentType.APPLICATION, None
    pages = {path: _of_npm(path, entry) for path, entry in npm["packages"].items() if path}
    identity = uuid.uuid5(uuid.NAMESPACE_URL, " ".join([commit, *(wheel.sha256 for wheel in run + dev)]))
    metadata = BomMetaData(
        component=ours,
        timestamp=datetime.fromtimestamp(epoch, UTC),
        properties=[Property(name="lintas:commit", value=commit)],
    )
    bom = Bom(components=[*parts.values(), *pages.values()], serial_number=identity, metadata=metadata)
    known = {**parts, PROJECT: ours}
    wants = _wants([*run, *dev])
    for name, part in known.items():
        bom.register_dependency(part, [known[wanted] for wanted in sorted(wants[name]) if wanted in known])
    for path, entry in npm["packages"].items():
        asked = (_found(path, name, pages) for name in sorted(_asked(entry)))
        bom.register_dependency(pages.get(path, ours), [pages[place] for place in asked if place])
    return JsonV1Dot6(bom).output_as_string(indent=1)


def _of_wheel(wheel: Wheel, scope: ComponentScope) -> Component:
    purl = PackageURL("pypi", None, wheel.name, wheel.version)
    licence = wheel.metadata["License-Expression"] or _classified(wheel) or wheel.metadata["License"]
    return Component(
        name=wheel.name,
        version=wheel.version,
        purl=purl,
        bom_ref=str(purl),
        scope=scope,
        licenses=_licences([licence] if licence else []),
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=wheel.sha256)],
        properties=[Property(name="lintas:file", value=wheel.path.name)],
        components=[_within(wheel, part) for bom in wheel.inside for part in _others(wheel, bom)],
    )


def _classified(wheel: Wheel) -> str | None:
    said = [str(text) for text in wheel.metadata.get_all("Classifier", []) if str(text).startswith("License ::")]
    return said[0].rpartition(" :: ")[2] if said else None


def _licences(said: Iterable[str]) -> list[Any]:
    """Licences as SPDX has them, else by their first line: some packages put the whole text into the field."""
    short = (" ".join(str(text).split("\n")[0].split())[:200] for text in said)
    return [LICENCES.make_from_string(text) for text in short if text]


def _others(wheel: Wheel, bom: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The parts that a wheel's own bill names, once each, without the wheel."""
    parts = {part.get("purl") or part["name"]: part for part in bom.get("components", [])}
    return [part for part in parts.values() if canonicalize_name(part["name"]) != wheel.name]


def _within(wheel: Wheel, part: Mapping[str, Any]) -> Component:
    said = [_licence_text(licence) for licence in part.get("licenses", [])]
    purl = part.get("purl")
    return Component(
        name=part["name"],
        version=part.get("version"),
        purl=PackageURL.from_string(purl) if purl else None,
        bom_ref=f"{wheel.name}#{purl or part['name']}",
        licenses=_licences(text for text in said if text),
    )


def _licence_text(licence: Mapping[str, Any]) -> str | None:
    one = licence.get("license", {})
    text: str | None = licence.get("expression") or one.get("id") or one.get("name")
    return text


def _of_npm(path: str, entry: Mapping[str, Any]) -> Component:
    group, _, name = path.rpartition("node_modules/")[2].rpartition("/")
    purl = PackageURL("npm", group or None, name, entry["version"])
    algorithm, _, digest = entry["integrity"].partition("-")
    return Component(
        name=name,
        group=group or None,
        version=entry["version"],
        purl=purl,
        bom_ref=f"{purl}#{path}",
        scope=ComponentScope.EXCLUDED if entry.get("dev") else ComponentScope.REQUIRED,
        licenses=_licences([entry["license"]] if "license" in entry else []),
        hashes=[HashType(alg=HashAlgorithm(_ALGORITHMS[algorithm]), content=base64.b64decode(digest).hex())],
    )


_ALGORITHMS = {"sha512": "SHA-512", "sha384": "SHA-384", "sha256": "SHA-256", "sha1": "SHA-1"}


def _asked(entry: Mapping[str, Any]) -> set[str]:
    return {
        name for kind in ("dependencies", "devDependencies", "optionalDependencies") for name in entry.get(kind, ())
    }


def _found(path: str, name: str, pages: Mapping[str, Component]) -> str | None:
    """Where npm finds a package: in the asker's own folder, else in one above."""
    while True:
        place = f"{path}/node_modules/{name}".removeprefix("/")
        if place in pages:
            return place
        if not path:
            return None
        path = re.sub(r"/?node_modules/(@[^/]+/)?[^/]+$", "", path)


def _wants(wheels: list[Wheel]) -> dict[str, set[str]]:
    """Which packages each package needs here, the extras that others ask of it among them."""
    extras: dict[str, set[str]] = {wheel.name: {""} for wheel in wheels}
    wants: dict[str, set[str]] = {wheel.name: set() for wheel in wheels}
    is_changed = True
    while is_changed:
        before = json.dumps([sorted(found) for found in extras.values()])
        for wheel in wheels:
            for text in wheel.metadata.get_all("Requires-Dist", []):
                asked = Requirement(str(text))
                if asked.marker is None or any(asked.marker.evaluate({"extra": extra}) for extra in extras[wheel.name]):
                    wants[wheel.name].add(name := canonicalize_name(asked.name))
                    extras.setdefault(name, {""}).update(asked.extras)
        is_changed = before != json.dumps([sorted(found) for found in extras.values()])
    return wants
