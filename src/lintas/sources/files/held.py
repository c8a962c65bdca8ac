"""What a file is held back for: a closed list, because pages and scripts say it in their own words."""

from collections.abc import Mapping

from lintas.model.errors import FileError

REASONS: Mapping[str, str] = {
    "unsafe_name": "its name has a path, a control or direction character, or one that a system keeps for itself",
    "empty": "there is nothing in it",
    "altered": "its size or digest is not what the message says",
    "unknown_kind": "it is of none of the kinds that are let through",
    "wrong_kind": "what is in it is not what its name says",
    "damaged": "it is cut short or damaged",
    "polyglot": "it can be read as a file of another kind, too",
    "document_type": "its XML declares a document type, which can carry attacks",
    "active": "it carries a script, a macro or something that starts by itself",
    "embedded": "it carries another file inside",
    "remote": "it fetches something from elsewhere when it is opened",
    "encrypted": "it is protected with a password, so nobody can look into it",
    "nested": "it is an archive with an archive inside",
    "odd_archive": "its archive names a part twice, outside, or as a link, or packs it in an unusual way",
    "too_large": "unpacked it is larger, or in more parts, than is looked through",
}


class HeldBackError(FileError):
    """A file is not let through. `code`: one of REASONS."""

    def __init__(self, code: str, name: str = "") -> None:
        super().__init__(
            f"The file is held back: {REASONS[code]}",
            where=name or None,
            do="Save it anew in the program that wrote it, as PDF or plain text, without what is named here.",
            code=code,
        )
