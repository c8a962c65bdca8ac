"""The bill of materials: CycloneDX says it is one, and nothing that is shipped is missing from it."""

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from scripts import bundle, bundle_sbom, bundle_wheels

from tests.paths import wheels

NPM = json.loads((bundle.ROOT / bundle.NPM_LOCK).read_text(encoding="utf-8"))
INSIDE = {
    "bomFormat": "CycloneDX",
    "components": [
        {"name": "needed", "version": "2.0", "purl": "pkg:pypi/needed@2.0"},
        {"name": "libicu72", "version": "72.1", "purl": "pkg:deb/debian/libicu72@72.1"},
        {"name": "libicu72", "version": "72.1", "purl": "pkg:deb/debian/libicu72@72.1"},
    ],
}


@pytest.fixture
def made(tmp_path: Path) -> str:
    needs = ("needed[more]", "elsewhere; sys_platform == 'nowhere'")
    wheels.make(tmp_path / "run", "lintas", needs=needs, licence="Apache-2.0")
    with zipfile.ZipFile(wheels.make(tmp_path / "run", "needed", "2.0", ("Asked-For; extra == 'more'",)), "a") as wheel:
        wheel.writestr("needed-2.0.dist-info/sboms/one.cdx.json", json.dumps(INSIDE))
    wheels.make(tmp_path / "run", "asked_for")
    wheels.make(tmp_path / "dev", "tested", needs=("needed",), licence="Nobody knows")
    run, dev = (bundle_wheels.read_all(tmp_path / name) for name in ("run", "dev"))
    assert bundle_sbom.bill(run, dev, NPM, commit="c0ffee", epoch=0) == bundle_sbom.bill(
        run, dev, NPM, commit="c0ffee", epoch=0
    )
    return bundle_sbom.bill(run, dev, NPM, commit="c0ffee", epoch=0)


@pytest.fixture
def bill(made: str) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(made)
    return said


def test_it_is_cyclonedx_1_6(made: str) -> None:
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(made) is None


def test_every_wheel_is_in_it_with_its_hash_and_whether_it_is_shipped_to_serve(
    bill: dict[str, Any], tmp_path: Path
) -> None:
    parts = {part["purl"]: part for part in bill["components"]}
    assert bill["metadata"]["component"]["purl"] == "pkg:pypi/lintas@1.0"
    assert parts["pkg:pypi/needed@2.0"]["scope"] == "required"
    assert parts["pkg:pypi/tested@1.0"]["scope"] == "excluded"
    assert parts["pkg:pypi/tested@1.0"]["licenses"] == [{"license": {"name": "Nobody knows"}}]
    for wheel in bundle_wheels.read_all(tmp_path / "dev"):
        hashes = parts[f"pkg:pypi/{wheel.name}@{wheel.version}"]["hashes"]
        assert hashes == [{"alg": "SHA-256", "content": wheel.sha256}]


def test_libraries_that_stand_inside_a_wheel_are_named_once(bill: dict[str, Any]) -> None:
    needed = next(part for part in bill["components"] if part["name"] == "needed")
    assert [part["purl"] for part in needed["components"]] == ["pkg:deb/debian/libicu72@72.1"]


def test_every_npm_package_of_the_lock_is_in_it_and_those_of_the_pages_are_required(bill: dict[str, Any]) -> None:
    parts = {part["bom-ref"].partition("#")[2]: part for part in bill["components"]}
    for path, entry in NPM["packages"].items():
        if path:
            assert parts[path]["version"] == entry["version"]
            assert parts[path]["scope"] == ("excluded" if entry.get("dev") else "required")
    assert parts["node_modules/htmx.org"]["scope"] == "required"
    assert parts["node_modules/@fontsource/noto-sans"]["purl"].startswith("pkg:npm/%40fontsource/noto-sans@")


def test_who_needs_whom_is_in_it_extras_too(bill: dict[str, Any]) -> None:
    needs = {one["ref"]: set(one.get("dependsOn", ())) for one in bill["dependencies"]}
    ours = needs["pkg:pypi/lintas@1.0"]
    assert {ref for ref in ours if "pypi" in ref} == {"pkg:pypi/needed@2.0"}
    assert any(ref.startswith("pkg:npm/htmx.org@") for ref in ours)
    assert needs["pkg:pypi/needed@2.0"] == {"pkg:pypi/asked-for@1.0"}
    vite = next(refs for ref, refs in needs.items() if ref.startswith("pkg:npm/vite@"))
    assert any(ref.startswith("pkg:npm/postcss@") for ref in vite)
