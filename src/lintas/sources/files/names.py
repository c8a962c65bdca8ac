"""Names of files: any script, and nothing that a screen, a shell or a file system takes for something else."""

import unicodedata

from lintas.sources.files.held import HeldBackError

LONGEST = 200  # bytes in UTF-8; file systems take 255 (POSIX NAME_MAX on Linux), a little is left for a copy's number
# Joiners and the break of a word without blanks: Khmer, Thai, Persian and Sinhala words need them.
_JOINERS = "\u200b\u200c\u200d"
_KEPT = frozenset('<>"|?*:/\\')  # for paths and patterns (Microsoft: Naming Files, Paths, and Namespaces)
_DEVICES = frozenset(["con", "prn", "aux", "nul", *(f"{one}{n}" for one in ("com", "lpt") for n in range(1, 10))])
# Control, format (directions among them), surrogate, private, unassigned; separators of lines and paragraphs.
_UNSEEN = frozenset(["Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"])


def check(name: str) -> None:
    """Raises HeldBackError for a name that is not safe to show, to save or to open."""
    if any(unicodedata.category(one) in _UNSEEN and one not in _JOINERS for one in name) or _KEPT & set(name):
        raise HeldBackError("unsafe_name")
    stem, dot, extension = name.rpartition(".")
    is_plain = bool(stem and dot and extension) and name == name.strip(" .") and not name.startswith("-")
    is_device = name.partition(".")[0].strip().casefold() in _DEVICES
    if not is_plain or is_device or len(name.encode()) > LONGEST:
        raise HeldBackError("unsafe_name")


def extension(name: str) -> str:
    """What stands behind the last dot, in small letters."""
    return name.rpartition(".")[2].lower()
