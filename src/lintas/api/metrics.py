"""Numbers for Prometheus: what is asked of the node, and how the node is. Of nobody: no name, number or query in it."""

from collections.abc import Iterable, Iterator

from fastapi import APIRouter, Request
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector
from starlette.responses import Response

from lintas.api.asking import Asker, Node
from lintas.desk import measures
from lintas.desk.measures import Measures

BUCKETS_S = (
    0.005,
    0.01,
    0.025,
    0.05,
    0.1,
    0.2,
    0.3,
    0.5,
    1.0,
    2.5,
    10.0,
)  # 0.3: what a page may take at the 95th of 100
ROUTE = ("method", "route")

router = APIRouter(tags=["System information"])


class Meter:
    """Counts the requests of one application, in a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._requests = Counter(
            "lintas_requests", "Requests, by route and status", (*ROUTE, "status"), registry=self.registry
        )
        self._seconds = Histogram(
            "lintas_request_seconds", "Time to the end of the answer", ROUTE, buckets=BUCKETS_S, registry=self.registry
        )

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """One request was answered. `route`: the template, never the address itself."""
        self._requests.labels(method, route, status).inc()
        self._seconds.labels(method, route).observe(seconds)


class _Taken(Collector):
    """The node's own numbers, as they were taken for this answer."""

    def __init__(self, taken: Measures) -> None:
        self.taken = taken

    def collect(self) -> Iterator[Metric]:
        taken = self.taken
        yield _gauge("lintas_jobs", "Jobs, by kind and status", ("kind", "status"), taken.jobs.items())
        ages = [((name,), age_s) for name, age_s in taken.list_age_s.items()]
        words = "Since the list was last seen to be as its publisher has it"
        yield _gauge("lintas_list_age_seconds", words, ("list",), ages)
        yield _one("lintas_matches_waiting", "Matches that nobody decided", taken.n_waiting_matches)
        yield _one("lintas_log_rows", "Rows of the log", taken.n_log_rows)
        yield _one("lintas_index_ready", "1: the index is that of the lists as they are", taken.is_index_ready)
        yield _one("lintas_database_bytes", "Size of the database", taken.database_bytes)
        yield _one("lintas_log_bytes", "Size of the log's database", taken.log_bytes)
        yield _one("lintas_disk_free_bytes", "Room on the disk of the node's folder", taken.free_bytes)
        if taken.worker_silent_s is not None:
            yield _one("lintas_worker_silent_seconds", "Since the worker's last sign of life", taken.worker_silent_s)
        yield _one("lintas_peers_split", "Nodes that showed logs that contradict each other", taken.n_split_peers)
        if taken.stamp_age_s is not None:
            yield _one("lintas_stamp_age_seconds", "Since the log was last stamped", taken.stamp_age_s)


@router.get(
    "/metrics",
    summary="Numbers for Prometheus",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
def metrics(request: Request, office: Node, officer: Asker) -> Response:
    """Requests by route and status, and how the node is. Needs a token that may `metrics.read`."""
    meter: Meter = request.app.state.meter
    now = CollectorRegistry()
    now.register(_Taken(measures.read(office, officer)))
    return Response(generate_latest(meter.registry) + generate_latest(now), media_type=CONTENT_TYPE_LATEST)


def _gauge(name: str, words: str, labels: tuple[str, ...], values: Iterable[tuple[tuple[str, ...], float]]) -> Metric:
    family = GaugeMetricFamily(name, words, labels=labels)
    for label, value in values:
        family.add_metric(label, value)
    return family


def _one(name: str, words: str, value: float) -> Metric:
    return GaugeMetricFamily(name, words, value=value)
