"""Compare two names word by word, and say which word met which."""

from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import OSA

from lintas.model.match import TokenPair
from lintas.screening.normalise import PARTICLES, NameForm, sound

# A word weighs what it tells: a whole word 1, two letters less, an initial or a particle least.
WEIGHT_PARTICLE = 0.3
WEIGHT_INITIAL = 0.4
WEIGHT_SHORT = 0.7
WEIGHT_FORM = 0.25  # Ltd, Sdn Bhd, OOO
SCORE_INITIAL = 0.7  # "A." beside "Ahmad"
# Share of the name that is found less fully, and more fully, in the other: a short name inside a long one counts.
SHARE_LESS, SHARE_MORE = 0.6, 0.4
ONE_WORD_CEILING = 0.65  # one word alone, met in a longer name, is no match by itself
JOINED_FROM = 0.88  # names written without their spaces are compared as one word from this similarity
MIN_TOKEN_SCORE = 0.65
# Edits that two spellings of one word may differ by, by the length of the longer.
EDITS = ((3, 0), (5, 1), (8, 2), (12, 3), (10_000, 4))


@dataclass(frozen=True, slots=True)
class NameComparison:
    """How much of two names is one name (0 to 1), and the words that met."""

    score: float
    pairs: tuple[TokenPair, ...]


def compare_names(query: NameForm, listed: NameForm) -> NameComparison:
    """Score of two names in any order of words; 0 when they share none."""
    if query.tokens == listed.tokens and query.forms == listed.forms:
        return NameComparison(1.0, tuple(TokenPair(t, t, "same", 1.0) for t in query.tokens + query.forms))
    mine, theirs = _merged(query.tokens, listed.tokens), _merged(listed.tokens, query.tokens)
    links = _assign(mine, theirs)
    score = _share(query, listed, mine, theirs, links)
    joined = _joined(query, listed)
    if joined >= JOINED_FROM and joined > score:
        return NameComparison(joined, _joined_pairs(query, listed, joined))
    return NameComparison(score, _pairs(query, listed, mine, theirs, links))


def could_match(query: NameForm, listed: NameForm) -> bool:
    """Whether there is anything to compare."""
    return bool(query.tokens) and bool(listed.tokens)


@lru_cache(maxsize=524_288)
def token_score(a: str, b: str) -> float:
    """How far two words can be one word: 1 equal, 0 no kinship."""
    if a == b:
        return 1.0
    if len(a) == 1 or len(b) == 1:
        return SCORE_INITIAL if a[0] == b[0] and a.isalpha() and b.isalpha() else 0.0
    if any(c.isdigit() for c in a + b):
        return 0.0  # "Unit 42" is not "Unit 43"
    longest = max(len(a), len(b))
    alike = sound(a) == sound(b) != ""
    allowed = next(edits for length, edits in EDITS if longest <= length) + alike
    edits = OSA.distance(a, b, score_cutoff=allowed)
    if edits > allowed:
        return 0.0
    score = 1 - edits / longest
    score += (1 - score) / 2 if alike else 0
    return score if score >= MIN_TOKEN_SCORE else 0.0


@lru_cache(maxsize=262_144)
def weight(token: str) -> float:
    """What a word weighs in its name."""
    if token in PARTICLES:
        return WEIGHT_PARTICLE
    return {1: WEIGHT_INITIAL, 2: WEIGHT_SHORT}.get(len(token), 1.0)


def _merged(tokens: tuple[str, ...], others: tuple[str, ...]) -> tuple[str, ...]:
    """Join neighbours that the other name writes as one word: abdul rahman, abdulrahman."""
    if len(tokens) < 2:
        return tokens
    whole = set(others)
    out = list[str]()
    i = 0
    while i < len(tokens):
        pair = tokens[i] + tokens[i + 1] if i + 1 < len(tokens) else ""
        if pair and pair in whole and tokens[i] not in whole:
            out.append(pair)
            i += 2
        else:
            out.append(tokens[i])
            i += 1
    return tuple(out)


def _assign(mine: tuple[str, ...], theirs: tuple[str, ...]) -> list[tuple[int, int, float]]:
    """Pairs of words, the surest first, each word once."""
    both = [(i, a, j, b) for i, a in enumerate(mine) for j, b in enumerate(theirs)]
    scored = [(s, -abs(i - j), i, j) for i, a, j, b in both if (s := token_score(a, b))]
    scored.sort(reverse=True)
    taken_i, taken_j = set[int](), set[int]()
    links = list[tuple[int, int, float]]()
    for s, _, i, j in scored:
        if i not in taken_i and j not in taken_j:
            taken_i.add(i)
            taken_j.add(j)
            links.append((i, j, s))
    return links


def _share(
    query: NameForm,
    listed: NameForm,
    mine: tuple[str, ...],
    theirs: tuple[str, ...],
    links: list[tuple[int, int, float]],
) -> float:
    if not links:
        return 0.0
    w_mine, w_theirs = [weight(t) for t in mine], [weight(t) for t in theirs]
    total_mine, total_theirs = sum(w_mine), sum(w_theirs)
    met_mine = sum(w_mine[i] * s for i, _, s in links)
    met_theirs = sum(w_theirs[j] * s for _, j, s in links)
    if query.forms and listed.forms:  # two stated forms that differ speak against; one missing says nothing
        total_mine += WEIGHT_FORM
        total_theirs += WEIGHT_FORM
        same = WEIGHT_FORM * bool(set(query.forms) & set(listed.forms))
        met_mine += same
        met_theirs += same
    less, more = sorted((met_mine / total_mine, met_theirs / total_theirs))
    score = SHARE_LESS * less + SHARE_MORE * more
    n_whole = sum(w_mine[i] == 1.0 for i, _, _ in links)
    if n_whole <= 1 and max(len(mine), len(theirs)) > 1:
        score = min(score, ONE_WORD_CEILING) if min(total_mine, total_theirs) < max(total_mine, total_theirs) else score
    return min(score, 1.0)


def _joined(query: NameForm, listed: NameForm) -> float:
    a, b = query.joined, listed.joined
    if len(a) < 6 or len(b) < 6 or any(c.isdigit() for c in a + b):
        return 1.0 if a == b else 0.0
    return OSA.normalized_similarity(a, b, score_cutoff=JOINED_FROM)


def _joined_pairs(query: NameForm, listed: NameForm, score: float) -> tuple[TokenPair, ...]:
    relation = "same" if score == 1.0 else "spelling"
    return (TokenPair(" ".join(query.tokens), " ".join(listed.tokens), relation, score),)


def _pairs(
    query: NameForm,
    listed: NameForm,
    mine: tuple[str, ...],
    theirs: tuple[str, ...],
    links: list[tuple[int, int, float]],
) -> tuple[TokenPair, ...]:
    met = {i: (j, s) for i, j, s in links}
    pairs = [TokenPair(title, None, "title", 0.0) for title in query.titles]
    for i, token in enumerate(mine):
        if i in met:
            j, s = met[i]
            pairs.append(TokenPair(token, theirs[j], _relation(token, theirs[j]), s))
        else:
            pairs.append(TokenPair(token, None, "only_query", 0.0))
    used = {j for _, j, _ in links}
    pairs += [TokenPair(None, token, "only_listed", 0.0) for j, token in enumerate(theirs) if j not in used]
    pairs += _form_pairs(query.forms, listed.forms)
    return tuple(pairs)


def _form_pairs(mine: tuple[str, ...], theirs: tuple[str, ...]) -> list[TokenPair]:
    if not mine and not theirs:
        return []
    score = 1.0 if set(mine) & set(theirs) else 0.0
    return [TokenPair(" ".join(mine) or None, " ".join(theirs) or None, "form", score)]


def _relation(a: str, b: str) -> str:
    if a == b:
        return "same"
    return "initial" if len(a) == 1 or len(b) == 1 else "spelling"
