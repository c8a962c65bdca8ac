"""The only file that calls misp-stix and PyMISP. It is imported when something is converted: see `conversion`."""

import json
import logging
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

from misp_stix_converter import ExternalSTIX2toMISPParser, InternalSTIX2toMISPParser, MISPtoSTIX21Parser
from stix2.parsing import dict_to_stix2

for _name in ("pymisp", "misp_stix_converter", "stix2"):
    logging.getLogger(_name).addHandler(logging.NullHandler())  # what they stumble over is in the error that is raised

NO_REPORT_TITLE = "Objects without a report"


def to_stix(content: Mapping[str, Any]) -> tuple[list[dict[str, Any]], list[str]]:
    """An event, or attributes or objects without one, as STIX 2.1 objects; and what could not be converted."""
    parser = MISPtoSTIX21Parser()
    parser.parse_json_content(json.loads(json.dumps(content)))  # a copy: PyMISP takes keys out of what it is given
    objects: list[dict[str, Any]] = json.loads(parser.bundle.serialize())["objects"]
    return objects, [*chain(*parser.errors.values())]


def to_misp(id: str, objects: Sequence[Mapping[str, Any]], *, was_misp: bool) -> tuple[list[dict[str, Any]], list[str]]:
    """STIX objects of one version as events; and what could not be converted.

    `id`: of the bundle, so of the event when no report is among them. `was_misp`: misp-stix wrote them.
    """
    parser = InternalSTIX2toMISPParser() if was_misp else ExternalSTIX2toMISPParser()
    spec = {} if any("spec_version" in one for one in objects) else {"spec_version": "2.0"}
    bundle = {"type": "bundle", "id": id, "objects": list(objects), **spec}
    parser.load_stix_bundle(dict_to_stix2(bundle, allow_custom=True, interoperability=True))
    parser.parse_stix_bundle(title=None if was_misp else NO_REPORT_TITLE)
    made = parser.misp_events if isinstance(parser.misp_events, list) else [parser.misp_events]
    return [json.loads(event.to_json()) for event in made], [*chain(*parser.errors.values())]
