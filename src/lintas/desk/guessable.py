"""How much of a passphrase is hard to guess: what is left without words that all try, dates, rows of keys, repeats.

Lists of common passphrases are others', and nearly all on them are shorter than ours may be. What makes a long one easy
to guess can be computed; the rows of keys and the few words below are ours.
"""

import re
import unicodedata
from calendar import day_name, month_name
from collections.abc import Iterable, Iterator

ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm", "azertyuiop", "qwertzuiop", "abcdefghijklmnopqrstuvwxyz", "1234567890")
COLUMNS = ("1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p", "qazwsxedcrfvtgbyhnujmikolp")
WALKS = tuple(row * 2 for row in (*ROWS, *COLUMNS))  # twice: who comes to the end begins again
SHORTEST_WALK = 4
# Indonesian after English: the calendar's own names are those of the machine's language.
DATES = (
    *(*month_name, *day_name),
    *"januari februari maret mei juni juli agustus oktober desember".split(),
    *"senin selasa rabu kamis jumat sabtu minggu".split(),
)
TRIED = (
    *"password passphrase passwort secret welcome letmein login access".split(),
    *"admin administrator officer node user test lintas".split(),
    *"sandi katasandi frasasandi rahasia selamat datang masuk petugas".split(),
)
_SIGNS = str.maketrans("@$!013457", "asioieast")  # as people write letters with them
_YEAR = re.compile(r"(?:19|20)\d\d")
_REPEAT = re.compile(r"([^\0]+)\1+")


def n_hard(passphrase: str, context: Iterable[str] = ()) -> int:
    """How many characters are left. `context`: names that are known of the officer, the agency and the node."""
    text = "".join(_letters(passphrase))
    words = {*_words(context), *_words(DATES), *TRIED}
    return min(_left(text, words), _left(_once(text), words))  # what is repeated may hide a word, or make one


def _left(text: str, words: Iterable[str]) -> int:
    read = text.translate(_SIGNS)  # as long as the text, so that both can be looked at side by side
    spans = [*_walks(text), *(found.span() for found in _YEAR.finditer(text))]
    for word in words:
        spans += [found.span() for one in (text, read) for found in re.finditer(re.escape(word), one)]
    left = list(text)
    for start, end in spans:
        left[start:end] = "\0" * (end - start)
    return sum(len(part) for part in {*_once("".join(left)).split("\0")})


def _once(text: str) -> str:
    """Without what is said again at once."""
    while (shorter := _REPEAT.sub(r"\1", text)) != text:
        text = shorter
    return text


def _letters(text: str) -> Iterator[str]:
    """Small letters, the marks that belong to them, digits, and the signs that stand for letters."""
    for one in unicodedata.normalize("NFKC", text).casefold():
        if one.isalnum() or unicodedata.category(one).startswith("M") or ord(one) in _SIGNS:
            yield one


def _words(names: Iterable[str]) -> Iterator[str]:
    for name in names:
        found = "".join(one if one.isalnum() or unicodedata.category(one)[0] == "M" else " " for one in name)
        yield from (word for word in unicodedata.normalize("NFKC", found).casefold().split() if len(word) > 2)


def _walks(text: str) -> Iterator[tuple[int, int]]:
    """Where fingers walk along a row of keys, or the alphabet, there or back."""
    start = 0
    while start < len(text):
        end = start + SHORTEST_WALK
        while end <= len(text) and any(text[start:end] in walk or text[start:end] in walk[::-1] for walk in WALKS):
            end += 1
        if end > start + SHORTEST_WALK:
            yield start, end - 1
            start = end - 1
        else:
            start += 1
