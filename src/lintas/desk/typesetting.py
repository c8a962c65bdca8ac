"""Sheets of paper, set by Typst as PDF/A-2u: a letter that no font has is an error there, and so never an empty box."""

import json
import re
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import typst

from lintas.model.errors import UnavailableError

# Where Debian (fonts-noto-core, fonts-noto-cjk) and others keep fonts.
FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path("~/.local/share/fonts").expanduser())
# For each letter the first that has it. The region's scripts, and those of names that come up in it.
FONTS = [
    "Noto Sans",
    *(f"Noto Sans {script}" for script in ("Thai", "Khmer", "Lao", "Myanmar", "Arabic", "Tamil", "Devanagari")),
    *(
        f"Noto Sans {script}"
        for script in ("Bengali", "Sinhala", "Telugu", "Hebrew", "Georgian", "Armenian", "Javanese")
    ),
    *(f"Noto Sans {script}" for script in ("Balinese", "Cham", "Tai Tham", "CJK SC", "Symbols", "Math")),
]
_MISSING = re.compile(r"the text `?\"(.+?)\"`? could not be displayed")


def form(said: Mapping[str, Any], folders: Sequence[Path] = FOLDERS) -> bytes:
    """A form as PDF. `said`: what desk/form.typ shows; the same gives the same bytes.

    Raises UnavailableError that names the first letter that no font in the folders has.
    """
    fonts = typst.Fonts(False, False, [str(folder) for folder in folders if folder.is_dir()])
    if FONTS[0] not in fonts.families():  # with no font at all Typst sets nothing, and says nothing
        raise _no_font(FONTS[0])
    try:
        made: bytes = typst.compile(
            files("lintas.desk").joinpath("form.typ").read_bytes(),
            font_paths=fonts,
            ignore_system_fonts=True,
            sys_inputs={"form": json.dumps({**said, "fonts": FONTS})},
            pdf_standards=["a-2u"],
        )
    except typst.TypstError as error:
        letter = _MISSING.search(str(error))
        raise _no_font(letter[1] if letter else str(error).splitlines()[0][:200]) from error
    return made


def _no_font(where: str) -> UnavailableError:
    return UnavailableError(
        "No font here has every letter of this form",
        where=where,
        do="Install the fonts fonts-noto-core and fonts-noto-cjk, or name a folder of fonts with --fonts.",
        code="no_font",
    )
