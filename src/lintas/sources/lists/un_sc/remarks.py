"""Facts inside the free text of the UN list. Whatever is found here, the whole text is kept in `notes` too."""

import re
from collections.abc import Iterable

from lintas.model.entity import Draft

# Permanent reference numbers name other entries: QDi.001 (person), QDe.004 (entity).
_REFERENCE = re.compile(r"\b[A-Z]{2}[ie]\.\d{3}\b")
_SENTENCE_END = re.compile(r"(?<=[\w)’]\.)\s+(?=[A-Z])")
# Words of a name, up to the first word that is written small and is no particle: "... and her husband".
_WORD = r"(?:(?:al|el|bin|ben|bint|bent|ibn|ould|de|del|delos)\b|[‘’']?[A-ZÀ-Þ])[\w’'‘-]*"
_NAME = rf"(?i:’s|'s)\s+(?i:name)(?i:\s+is|\s+was|:)?\s+({_WORD}(?:\s{_WORD}){{0,8}})"
_PERSON_FACTS = (
    ("gender", re.compile(r"\b(?:Gender|Sex):?\s*(male|female)\b", re.IGNORECASE)),
    ("fatherName", re.compile(rf"\b(?<!-)[Ff]ather{_NAME}")),
    ("motherName", re.compile(rf"\b(?<!-)[Mm]other{_NAME}")),
)
_ENTITY_FACTS = (("imoNumber", re.compile(r"\bIMO(?:\s+number)?:?\s*(\d{7})\b", re.IGNORECASE)),)
_EMAIL = re.compile(r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b")
_PASSPORT = re.compile(r"passport\s+(?:number|no\.?)\s*:?\s*([A-Z]{0,3}\s?\d[\dA-Z]*)", re.IGNORECASE)
_BORN = re.compile(r"\b(?:born|DP?OB)\b\W*(?:in\s+)?(?:[a-z]\)\s*)?((?:\d{1,2}\s+\w+\.?\s+)?\d{4})\b", re.IGNORECASE)

LONGEST_REMARK = 20_000  # characters; the longest so far has about 3,000. A longer one is kept, and not searched


def add_comment(draft: Draft, comment: str) -> None:
    """Keep a comment whole and take out of it what is said of the entry itself."""
    draft.add("notes", comment)
    if len(comment) > LONGEST_REMARK:
        return
    for prop, pattern in _PERSON_FACTS if draft.schema == "Person" else _ENTITY_FACTS:
        for found in pattern.finditer(comment):
            draft.add(prop, found[1], original=found[0])
    draft.add("email", _EMAIL.findall(comment))


def add_alias_note(draft: Draft, note: str) -> None:
    """Passports and dates of birth that the note of an alias gives; the caller keeps the note itself."""
    if len(note) > LONGEST_REMARK:
        return
    for number in _PASSPORT.findall(note):
        draft.add("passportNumber", number, original=note)
    for date in _BORN.findall(note):
        draft.add("birthDate", date, original=note)


def mentions(texts: Iterable[str]) -> dict[str, str]:
    """References to other entries in `texts`, each once, with the sentence that it stands in first."""
    found: dict[str, str] = {}
    for text in texts:
        for sentence in _SENTENCE_END.split(text) if _REFERENCE.search(text) else ():
            for reference in _REFERENCE.findall(sentence):
                found.setdefault(reference, sentence)
    return found
