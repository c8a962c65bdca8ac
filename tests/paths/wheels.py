"""Small wheels that a test makes: a name, a version, what they need, and a command."""

import zipfile
from pathlib import Path

COMMAND = "def main() -> None:\n    print('{name} {version}')\n"


def make(folder: Path, name: str, version: str = "1.0", needs: tuple[str, ...] = (), licence: str = "MIT") -> Path:
    """Write one that pip installs."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}-{version}-py3-none-any.whl"
    about = f"{name}-{version}.dist-info"
    described = [f"Name: {name}", f"Version: {version}", f"License-Expression: {licence}"]
    files = {
        f"{name}.py": COMMAND.format(name=name, version=version),
        f"{about}/METADATA": "\n".join(
            ["Metadata-Version: 2.4", *described, *(f"Requires-Dist: {n}" for n in needs), ""]
        ),
        f"{about}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{about}/entry_points.txt": f"[console_scripts]\n{name} = {name}:main\n",
    }
    files[f"{about}/RECORD"] = "".join(f"{file},,\n" for file in [*files, f"{about}/RECORD"])
    with zipfile.ZipFile(path, "w") as archive:
        for file, text in files.items():
            archive.writestr(zipfile.ZipInfo(file, (2026, 1, 1, 0, 0, 0)), text)
    return path
