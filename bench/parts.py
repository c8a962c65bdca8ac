"""The parts of a run. In each, the two sides take turns: A B A B, round by round."""

from collections import defaultdict
from collections.abc import Callable, Mapping

from bench import officers, queries
from bench.backup import backup
from bench.log import log
from bench.measure import OURS, Measure, peak_mb, percentile, share
from bench.plan import Run
from bench.queries import Question
from bench.serving import latencies_ms, served, token

THRESHOLD = 0.7
Rounds = defaultdict[str, list[float]]


def load(run: Run) -> list[Measure]:
    """From the publishers' files to a node that answers; and an index alone, by both sides from the same list."""
    loads, built, peaks = list[dict[str, float]](), Rounds(list), Rounds(list)
    for i in range(run.sizes.rounds):
        loads.append(run.load(f"fresh-{i}") if i else run.loaded)
        for side in run.names:
            made = run.build(side) if i else run.built[side]
            built[side].append(made.seconds)
            peaks[side].append(made.peak_mb)
    whole = {name: {OURS: [one[name] for one in loads]} for name in loads[0]}
    return [
        Measure("UN and OFAC into a fresh node, index included", "s", whole["seconds"]),
        Measure("entities loaded", "n", whole["n_entities"], "neither"),
        Measure("statements loaded", "n", whole["n_statements"], "neither"),
        Measure(f"build and store an index of the {len(run.listed):,} that can be matched", "s", built),
        Measure("peak memory of that", "MB", peaks),
    ]


def start(run: Run) -> list[Measure]:
    """From nothing to the first answer: the server, and a stored index in a process that has imported all it needs."""
    ready, opened = Rounds(list), Rounds(list)
    for _ in range(run.sizes.starts):
        with served(run.node) as server:
            ready[OURS].append(server.ready_s)
    for _ in range(run.sizes.rounds):
        for side in run.names:
            with run.start(side) as worker:
                opened[side].append(run.open(side, worker))
    return [
        Measure("process start to /readyz", "s", ready, aim="< 5 s"),
        Measure("stored index to first match", "s", opened, aim="< 1 s"),
    ]


def http(run: Run) -> list[Measure]:
    """Single queries over HTTP: one client, then four at once with other queries."""
    found: dict[tuple[int, str], Rounds] = {}
    secret = token(run.node)
    with served(run.node) as server:
        for asked in run.questions[: run.sizes.rounds]:
            n = run.sizes.n_http
            for n_clients, these in ((1, asked[:n]), (4, asked[n : 2 * n])):
                times = latencies_ms(server.address, secret, [one.query for one in these], n_clients)
                for name, percent in (("p50", 50), ("p95", 95)):
                    found.setdefault((n_clients, name), Rounds(list))[OURS].append(percentile(times, percent))
        peak = {OURS: [peak_mb(server.process_id)]}
    return [
        Measure("single match over HTTP, p50", "ms", found[1, "p50"]),
        Measure("single match over HTTP, p95", "ms", found[1, "p95"], aim="< 20 ms"),
        Measure("the same, 4 clients at once, p50", "ms", found[4, "p50"]),
        Measure("the same, 4 clients at once, p95", "ms", found[4, "p95"]),
        Measure("peak memory of the serving process", "MB", peak),
    ]


def single(run: Run) -> list[Measure]:
    """Single queries without HTTP, both sides in their own process and free to use every core."""
    p50, p95 = Rounds(list), Rounds(list)
    n = run.sizes.n_single
    for i in range(run.sizes.rounds):
        given = [one.query for one in run.questions[-1][1 + i * n : 1 + (i + 1) * n]]
        for side, worker in run.sides.items():
            times = worker.ask("single", queries=given)
            p50[side].append(percentile(times, 50))
            p95[side].append(percentile(times, 95))
    return [
        Measure("single match in process, p50", "ms", p50),
        Measure("single match in process, p95", "ms", p95),
    ]


def batch(run: Run) -> list[Measure]:
    """Many queries on one core: 50 candidates each, scored, results from the threshold on."""
    speed, blocking = Rounds(list), Rounds(list)
    hits, flags, reached = (defaultdict[str, list[bool]](list) for _ in range(3))
    for worker in run.sides.values():
        worker.ask("one_core")
    for asked in run.questions[: run.sizes.rounds]:
        given = [one.query for one in asked]
        for side, worker in run.sides.items():
            answer, near = worker.ask("batch", queries=given), worker.ask("candidates", queries=given)
            speed[side].append(len(asked) / answer["seconds"])
            blocking[side].append(len(asked) / near["seconds"])
            hits[side] += _hits(asked, answer["found"])
            reached[side] += _hits(asked, near["found"])
            flags[side] += [bool(ids) for one, ids in zip(asked, answer["found"], strict=True) if not one.right]
    peaks = {side: [worker.ask("peak_mb")] for side, worker in run.sides.items()}
    return [
        Measure("batch on one core, 50 candidates scored, queries", "/s", speed, "higher", "at least 5 times"),
        Measure("batch on one core, candidates only, queries", "/s", blocking, "higher"),
        Measure("peak memory of the batch process", "MB", peaks),
        _shares("persons by a changed alias: right entity among 50 candidates", reached),
        _shares("persons by a changed alias: right entity among the results", hits),
        _shares("persons on no list: flagged", flags),
    ]


def quality(run: Run) -> list[Measure]:
    """What is found and what is not, on the public sets."""
    altered, pairs = queries.un_altered(run.listed), queries.labelled_pairs()
    found, rates = defaultdict[str, list[bool]](list), dict[str, dict[str, float]]()
    for side, worker in run.sides.items():
        found[side] = _hits(altered, worker.ask("batch", queries=[one.query for one in altered])["found"])
        scores = worker.ask("pairs", pairs=[pair[:2] for pair in pairs])
        rates[side] = _rates([pair[2] for pair in pairs], [score >= THRESHOLD for score in scores])
    return [
        _shares(f"{len(altered)} altered UN names: right entity among the results", found),
        *(_figure(f"{len(pairs)} labelled name pairs: {name}", name, rates) for name in ("F1", "precision", "recall")),
    ]


# In this order: a batch keeps the sides to one core for the rest of the run.
PARTS: Mapping[str, Callable[[Run], list[Measure]]] = {
    "load": load,
    "start": start,
    "http": http,
    "log": log,
    "officers": officers.at_work,
    "backup": backup,
    "single": single,
    "batch": batch,
    "quality": quality,
}


def _hits(asked: list[Question], found: list[list[str]]) -> list[bool]:
    return [not one.right.isdisjoint(ids) for one, ids in zip(asked, found, strict=True) if one.right]


def _shares(what: str, flags: Mapping[str, list[bool]]) -> Measure:
    return Measure(what, "%", {side: [share(these)] for side, these in flags.items()}, "neither")


def _figure(what: str, name: str, rates: Mapping[str, dict[str, float]]) -> Measure:
    return Measure(what, "%", {side: [one[name]] for side, one in rates.items()}, "neither")


def _rates(same: list[bool], said: list[bool]) -> dict[str, float]:
    right = sum(a and b for a, b in zip(same, said, strict=True))
    precision, recall = right / max(1, sum(said)), right / max(1, sum(same))
    f1 = 2 * precision * recall / ((precision + recall) or 1)
    return {"F1": 100 * f1, "precision": 100 * precision, "recall": 100 * recall}
