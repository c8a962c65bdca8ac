"""Text as it crosses the border: what a person cannot see is taken out, what they can see stays."""

import re
import unicodedata

# Controls, zero-width and bidirectional marks (Unicode 16, categories Cc, Cf, Cs, Co, Cn) carry no name.
# ZWJ and ZWNJ shape some scripts (Sinhala, Persian) and are kept inside a word.
_KEPT = {"\u200c", "\u200d"}
_SPACES = re.compile(r"\s+")


def clean_text(text: str) -> str:
    """`text` in NFC with invisible characters removed and runs of white space made one space."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    spaced = _SPACES.sub(" ", text)
    kept = "".join(c for c in spaced if c in _KEPT or unicodedata.category(c)[0] != "C")
    return " ".join(unicodedata.normalize("NFC", kept).strip("".join(_KEPT)).split())


def storable(text: str) -> str:
    """`text` as any database and any wire takes it: NUL shown as U+2400, a lone surrogate as a question mark."""
    if "\x00" in text:
        text = text.replace("\x00", "\N{SYMBOL FOR NULL}")
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")
