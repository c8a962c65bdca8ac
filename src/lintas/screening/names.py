"""Compare two names word by word, and say which word met which."""

from functools import lru_cache

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from lintas.model.match import TokenPair
from lintas.screening.normalise import PARTICLES, NameForm, sound

# A word weighs what it tells: a whole word 1, two letters a little less, an initial or a particle least.
WEIGHT_PARTICLE = 0.3
WEIGHT_INITIAL = 0.4
WEIGHT_SHORT = 0.9
WEIGHT_FORM = 0.25  # Ltd, Sdn Bhd, OOO
SCORE_INITIAL = 0.7  # "A." beside "Ahmad"
# Share of the name that is found less fully, and more fully, in the other: a short name inside a long one counts.
SHARE_LESS, SHARE_MORE = 0.6, 0.4
ONE_WORD_CEILING = 0.65  # one word alone, met in a longer name, is no match by itself
JOINED_FROM = 0.88  # names written without their spaces are compared as one word from this similarity
JOINED_MIN_LETTERS = 6
MIN_TOKEN_SCORE = 0.65
# Names whose letters agree less than this (percent, words in alphabetical order) never reach a threshold in use.
ALIKE_AT_ALL = 42
# Edits that two spellings of one word may differ by, by the letters of the longer; one more when they sound alike.
EDITS = (0, 0, 0, 0, 1, 1, 2, 2, 2, 3, 3, 3, 3, 4)

Links = list[tuple[int, int, float]]  # word of one name, word of the other, score


def compare_names(query: NameForm, listed: NameForm) -> float:
    """How much of two names is one name, in any order of words: 0 nothing, 1 all."""
    if query.tokens == listed.tokens and query.forms == listed.forms:
        return 1.0
    if fuzz.ratio(query.ordered, listed.ordered) < ALIKE_AT_ALL:
        return 0.0
    mine, theirs = _aligned(query, listed)
    return max(_share(query, listed, mine, theirs, _assign(mine, theirs)), _joined(query, listed))


def explain_names(query: NameForm, listed: NameForm) -> tuple[TokenPair, ...]:
    """Which word met which, and which met none."""
    mine, theirs = _aligned(query, listed)
    links = _assign(mine, theirs)
    joined = _joined(query, listed)
    titles = [TokenPair(title, None, "title", 0.0) for title in query.titles]
    if joined > _share(query, listed, mine, theirs, links):
        relation = "same" if joined == 1.0 else "spelling"
        words = [TokenPair(" ".join(query.tokens), " ".join(listed.tokens), relation, joined)]
    else:
        words = _word_pairs(mine, theirs, links)
    return (*titles, *words, *_form_pairs(query.forms, listed.forms))


def token_score(a: str, b: str) -> float:
    """How far two words can be one word: 1 equal, 0 no kinship."""
    if a == b:
        return 1.0
    longest = max(len(a), len(b))
    allowed = EDITS[longest] if longest < len(EDITS) else EDITS[-1]
    if len(a) == 1 or len(b) == 1:
        return SCORE_INITIAL if a[0] == b[0] and a.isalpha() and b.isalpha() else 0.0
    edits = OSA.distance(a, b, score_cutoff=allowed + 1)
    if edits > allowed + 1 or _has_digit(a) or _has_digit(b):
        return 0.0  # "Unit 42" is not "Unit 43"
    alike = sound(a) == sound(b) != ""
    if edits > allowed + alike:
        return 0.0
    score = 1 - edits / longest
    score += (1 - score) / 2 if alike else 0
    return score if score >= MIN_TOKEN_SCORE else 0.0


@lru_cache(maxsize=262_144)
def _has_digit(token: str) -> bool:
    return any(c.isdigit() for c in token)


@lru_cache(maxsize=262_144)
def weight(token: str) -> float:
    """What a word weighs in its name."""
    if token in PARTICLES:
        return WEIGHT_PARTICLE
    return {1: WEIGHT_INITIAL, 2: WEIGHT_SHORT}.get(len(token), 1.0)


def _aligned(query: NameForm, listed: NameForm) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if len(query.tokens) == len(listed.tokens):
        return query.tokens, listed.tokens
    return _merged(query.tokens, listed.tokens), _merged(listed.tokens, query.tokens)


def _merged(tokens: tuple[str, ...], others: tuple[str, ...]) -> tuple[str, ...]:
    """Join neighbours that the other name writes as one word: abdul rahman, abdulrahman."""
    for i in range(len(tokens) - 1):
        pair = tokens[i] + tokens[i + 1]
        if pair in others:
            return (*tokens[:i], pair, *_merged(tokens[i + 2 :], others))
    return tokens


def _assign(mine: tuple[str, ...], theirs: tuple[str, ...]) -> Links:
    """Pairs of words, the surest first, each word once."""
    scored = [
        (score, -abs(i - j), i, j)
        for i, a in enumerate(mine)
        for j, b in enumerate(theirs)
        if (score := token_score(a, b))
    ]
    if len(scored) > 1:
        scored.sort(reverse=True)
    links: Links = []
    for score, _, i, j in scored:
        if all(i != k and j != m for k, m, _ in links):
            links.append((i, j, score))
    return links


def _share(query: NameForm, listed: NameForm, mine: tuple[str, ...], theirs: tuple[str, ...], links: Links) -> float:
    if not links:
        return 0.0
    total_mine, total_theirs = sum(map(weight, mine)), sum(map(weight, theirs))
    met_mine = sum(weight(mine[i]) * score for i, _, score in links)
    met_theirs = sum(weight(theirs[j]) * score for _, j, score in links)
    is_whole = len(links) == len(mine) == len(theirs)
    is_one_word = not is_whole and sum(weight(mine[i]) == 1.0 for i, _, _ in links) <= 1
    if query.forms and listed.forms:  # two stated forms that differ speak against; one missing says nothing
        total_mine += WEIGHT_FORM
        total_theirs += WEIGHT_FORM
        if set(query.forms) & set(listed.forms):
            met_mine += WEIGHT_FORM
            met_theirs += WEIGHT_FORM
    less, more = sorted((met_mine / total_mine, met_theirs / total_theirs))
    score = min(SHARE_LESS * less + SHARE_MORE * more, 1.0)
    return min(score, ONE_WORD_CEILING) if is_one_word else score


def _joined(query: NameForm, listed: NameForm) -> float:
    a, b = query.joined, listed.joined
    if query.forms and listed.forms and not set(query.forms) & set(listed.forms):
        return 0.0
    if query.has_digits or listed.has_digits or min(len(a), len(b)) < JOINED_MIN_LETTERS:
        return 1.0 if a == b else 0.0
    return OSA.normalized_similarity(a, b, score_cutoff=JOINED_FROM)


def _word_pairs(mine: tuple[str, ...], theirs: tuple[str, ...], links: Links) -> list[TokenPair]:
    met = {i: (j, score) for i, j, score in links}
    pairs = list[TokenPair]()
    for i, token in enumerate(mine):
        if i in met:
            j, score = met[i]
            pairs.append(TokenPair(token, theirs[j], _relation(token, theirs[j]), score))
        else:
            pairs.append(TokenPair(token, None, "only_query", 0.0))
    used = {j for _, j, _ in links}
    return pairs + [TokenPair(None, token, "only_listed", 0.0) for j, token in enumerate(theirs) if j not in used]


def _form_pairs(mine: tuple[str, ...], theirs: tuple[str, ...]) -> list[TokenPair]:
    if not mine and not theirs:
        return []
    score = 1.0 if set(mine) & set(theirs) else 0.0
    return [TokenPair(" ".join(mine) or None, " ".join(theirs) or None, "form", score)]


def _relation(a: str, b: str) -> str:
    if a == b:
        return "same"
    return "initial" if len(a) == 1 or len(b) == 1 else "spelling"
