"""What a page may hold that is nobody's translation: names of products and formats, and what the node's data say."""

import csv
from collections.abc import Iterator
from dataclasses import astuple

from lintas.desk import (
    casework,
    correspondence,
    deadlines,
    dossier,
    intake,
    node_card,
    officers,
    peers,
    proposals,
    runs,
    screening,
)
from lintas.desk.office import Office
from lintas.model.handling import CODES, TLP
from lintas.model.officer import Officer
from lintas.web.runs import COMMON_PROPS
from tests.web.node import SAMPLE

NAMES = frozenset({"Lintas", "UTC", "sha256", "CSV", "XLSX", "JSONL", "B", "kB", "MB", "GB", "SQLite"}) | {
    "TLP",
    *CODES,
}


def of(office: Office, officer: Officer) -> frozenset[str]:
    """Every value that the node's lists, files and officers have, in small letters."""
    held = {*NAMES, *COMMON_PROPS, office.node.name, officer.id, screening.SCORER_VERSION}
    held |= set(_lists(office, officer)) | set(_entities(office, officer)) | set(_runs(office, officer))
    held |= set(_officers(office, officer)) | set(_exchange(office, officer))
    return frozenset(words.casefold().strip() for words in held)


def _officers(office: Office, officer: Officer) -> Iterator[str]:
    for one in officers.everybody(office, officer):
        yield from (one.officer.id, one.officer.name, one.officer.agency)


def _exchange(office: Office, officer: Officer) -> Iterator[str]:
    own = node_card.show(office, officer)
    yield from (own.id, own.name, node_card.in_words(own), node_card.signed(office, officer))
    for peer in peers.everybody(office, officer):
        yield from (peer.id, peer.name, f"{peer.id} · {peer.name}", peer.added_by, peer.confirmed_by or "")
    yield from (one.id for one in deadlines.everybody(office, officer))
    for line in correspondence.overview(office, officer):
        yield from _texts(astuple(line.thread))
        for one in correspondence.show(office, officer, line.thread.number).messages:
            yield from _texts((one.message.content["body"], one.message.code or ""))
    for waits in proposals.waiting(office, officer):
        yield from _texts((waits.object, waits.reason, waits.arguments.get("body", {})))
    yield from (f"TLP:{label}" for label in TLP)
    yield from TLP


def _lists(office: Office, officer: Officer) -> Iterator[str]:
    for one in intake.status(office, officer):
        yield from _texts(astuple(one.source))
        for version in intake.history(office, officer, one.source.name).versions:
            yield from _texts((version.counts.keys(), [file.name for file in version.files], version.loaded_by))
            delta = intake.delta(office, officer, one.source.name, version.number)
            yield from _texts([(change.entity_id, change.caption) for change in delta.changes])
            yield from _texts([astuple(kept) for kept in delta.leftovers])


def _entities(office: Office, officer: Officer) -> Iterator[str]:
    for found in screening.search(office, officer, "", limit=screening.MAX_RESULTS).documents:
        held = dossier.show(office, officer, found["id"])
        yield from _texts((held.id, held.caption, [(row.value, row.originals) for row in held.rows]))
        for one in held.sanctions:
            yield from _texts([one.entity.id, *one.entity.properties.values()])
        for node in held.network.nodes:
            yield from (node.id, node.caption)


def _runs(office: Office, officer: Officer) -> Iterator[str]:
    with SAMPLE.open(encoding="utf-8-sig", newline="") as stream:
        yield from _texts(list(csv.reader(stream)))
    for run in runs.latest(office, officer):
        yield from _texts((run.file["name"], run.created_by, run.list_versions.keys(), run.columns))
        for match in runs.matches(office, officer, run.number):
            yield from _texts([(reason.query, reason.listed) for reason in match.match.reasons])
            view = runs.show_match(office, officer, run.number, match.number)
            yield from _texts([one.reason for one in view.history])
            yield from _texts([(one.reason, one.reference) for one in view.doing.history])
            yield from _texts([(one.reason, one.arguments["reference"]) for one in view.doing.waiting])
    yield from _texts([case.title for case in casework.all_cases(office, officer)])


def _texts(held: object) -> Iterator[str]:
    """The texts in anything, however deep."""
    if isinstance(held, str):
        yield held
    elif isinstance(held, dict):
        yield from _texts(list(held.values()))
    elif hasattr(held, "__iter__"):
        for one in held:
            yield from _texts(one)
