"""Keys of nobody, planted in a set for private matching: who asks for one did not have it from a customer.

A canary stands in the block of a number that is held (its last digits are others), because that is where somebody who
enumerates asks. What is told of canaries when an offer ends are their tags, which say nothing to who did not ask.
"""

from collections.abc import Callable, Sequence

# Of the numbers held; all three ours. More would sing sooner and be hit by honest questions, too: with 200 in blocks of
# 10^7 numbers an honest question hits one twice in 100,000, and who spends 1,000 questions a day does within 90 days in
# five of six cases.
SHARE, FEWEST, MOST = 0.01, 16, 200
CHANGED = 4  # digits
# Kinds of `id/1` keys that no check digit binds.
KINDS = frozenset({"phone", "passport", "national_id", "social_security", "tax", "registration", "account"})


def planted(held: Sequence[str], draw: Callable[[int], bytes]) -> list[str]:
    """Canaries for a set; none when it holds no number that one could stand beside.

    `draw(n)`: n bytes of chance, the same for the same set each time.
    """
    blocks = sorted(text for text in held if _kind(text) in KINDS and text[-CHANGED:].isdecimal())
    if not blocks:
        return []
    wanted = min(MOST, max(FEWEST, int(len(blocks) * SHARE)))
    chance, known, made = draw(wanted * 4 * 6), set(held), dict[str, None]()
    for at in range(0, len(chance), 6):
        block = blocks[int.from_bytes(chance[at : at + 4]) % len(blocks)]
        digits = int.from_bytes(chance[at + 4 : at + 6]) % 10**CHANGED
        one = f"{block[:-CHANGED]}{digits:0{CHANGED}}"
        if one not in known:
            made[one] = None
    return list(made)[:wanted]


def named(canaries: Sequence[str], words: Sequence[str]) -> list[str]:
    """The canaries whose number stands in some words, however it is spaced."""
    texts = ["".join(char for char in word.upper() if char.isalnum()) for word in words]
    return [one for one in canaries if any(_number(one) in text for text in texts)]


def _kind(text: str) -> str:
    return text.split("|")[1] if text.startswith("id/") else ""


def _number(canary: str) -> str:
    return "".join(char for char in canary.rsplit("|", 1)[-1].upper() if char.isalnum())
