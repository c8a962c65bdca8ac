"""A name as a bag of hashed features: character 2- and 3-grams, whole words and their sounds."""

from functools import lru_cache
from zlib import crc32

from lintas.screening.normalise import sound

BUCKETS = 1 << 20  # features are hashed into so many columns; a collision only adds a candidate
WEIGHT_GRAM = 1.0
WEIGHT_WORD = 2.0
WEIGHT_SOUND = 1.5


def features(tokens: tuple[str, ...]) -> dict[int, float]:
    """Column: weight, for the words of one name. The order of the words does not matter."""
    found: dict[int, float] = {}
    for token in tokens:
        found.update(_of_word(token))
    return found


@lru_cache(maxsize=131_072)
def _of_word(token: str) -> dict[int, float]:
    padded = f"<{token}>"
    grams = {padded[i : i + n] for n in (2, 3) for i in range(len(padded) - n + 1)}
    found = {_column(gram): WEIGHT_GRAM for gram in grams}
    found[_column(f"w {token}")] = WEIGHT_WORD
    if heard := sound(token):
        found[_column(f"s {heard}")] = WEIGHT_SOUND
    return found


def _column(feature: str) -> int:
    return crc32(feature.encode()) % BUCKETS
