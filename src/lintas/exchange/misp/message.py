"""A message of the exchange as an event of MISP: its subjects as objects, what else it says as attributes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid5

from lintas.exchange import reports, types
from lintas.exchange.misp.markings import NAMESPACE
from lintas.model.errors import InputError
from lintas.model.message import Message


@dataclass(frozen=True)
class Template:
    """The object of MISP that a kind of subject becomes (misp-objects); where its name and properties stand in it."""

    name: str
    uuid: str
    version: str
    meta_category: str
    relation: str
    type: str
    category: str
    rest: str


TEMPLATES = {
    "person": Template(
        "person", "a15b0477-e9d1-4b9c-9546-abe78a4f4248", "21", "misc", "full-name", "full-name", "Person", "text"
    ),
    "organization": Template(
        "organization", "f750e12b-127a-432c-b022-b3f9153c4e2a", "9", "misc", "name", "text", "Other", "description"
    ),
    "vessel": Template(
        "ftm-Vessel", "2ee3df38-7756-4179-abea-ba8d2fbb7c6c", "1", "followthemoney", "name", "text", "Other", "notes"
    ),
    "account": Template(
        "bank-account",
        "b4712203-95a8-4883-80e9-b566f5df11c9",
        "3",
        "financial",
        "account",
        "bank-account-nr",
        "Financial fraud",
        "text",
    ),
    "wallet": Template(
        "coin-address",
        "d0e6997e-78da-4815-a6a1-cfc1c1cb8a46",
        "7",
        "financial",
        "address-crypto",
        "text",
        "Other",
        "text",
    ),
    "phone": Template("phone", "d7e4fbdd-b551-4862-bddb-a0b470a38509", "6", "misc", "msisdn", "text", "Other", "text"),
    "other": Template(
        "annotation", "5d8dc046-15a1-4ca3-a09f-ed4ede7c4487", "3", "misc", "text", "text", "Other", "text"
    ),
}


def event(message: Message, tags: Sequence[str]) -> dict[str, Any]:
    """The event, with `tags` on it. Raises InputError for a message that is none of an officer, or has attachments."""
    if types.of(message.type).by_machine:
        raise _not_carried(f"{message.type} is said between nodes")
    if message.attachments:
        raise _not_carried("it has attachments")
    at, made = str(int(message.at.timestamp())), _Made(message)
    body = message.body
    attributes = [made.attribute(name, value) for name, value in body.items() if isinstance(value, str) and value]
    attributes += [made.attribute(item["label"], item["value"]) for item in body.get("items", ())]
    for told in body.get("reports", ()):
        attributes += [made.attribute(name, reports.text(value)) for name, value in told.items()]
    return {
        "uuid": str(uuid5(NAMESPACE, f"{message.issuer} {message.id}")),
        "info": str(body.get("subject", message.type)),
        "date": message.at.date().isoformat(),
        "timestamp": at,
        "publish_timestamp": at,
        "published": True,
        "analysis": "2",  # completed
        "threat_level_id": "4",  # undefined
        "Orgc": {"name": message.issuer, "uuid": str(uuid5(NAMESPACE, message.issuer))},
        "Tag": [{"name": name} for name in tags],
        "Attribute": attributes,
        "Object": [made.object(one) for one in body.get("subjects", ())],
    }


class _Made:
    """Records of one message, each with a uuid of its own that stays the same."""

    def __init__(self, message: Message) -> None:
        self._of, self._n = message, 0

    def attribute(self, label: str, value: str) -> dict[str, Any]:
        """Any text, with what it is called."""
        return self._record() | {
            "type": "text",
            "category": "Other",
            "value": value,
            "comment": label,
            "to_ids": False,
        }

    def object(self, subject: Mapping[str, Any]) -> dict[str, Any]:
        """A subject."""
        template = TEMPLATES[subject["kind"]]
        return self._record() | {
            "name": template.name,
            "meta-category": template.meta_category,
            "template_uuid": template.uuid,
            "template_version": template.version,
            "description": f"A subject of a message: {subject['kind']}",
            "Attribute": [*self._inside(subject, template)],
        }

    def _inside(self, subject: Mapping[str, Any], template: Template) -> Iterator[dict[str, Any]]:
        named = self.attribute("", subject["name"]) | {"type": template.type, "category": template.category}
        yield named | {"object_relation": template.relation}
        for item in subject.get("properties", ()):
            yield self.attribute(item["label"], item["value"]) | {"object_relation": template.rest}

    def _record(self) -> dict[str, Any]:
        self._n += 1
        name = str(uuid5(NAMESPACE, f"{self._of.issuer} {self._of.id} {self._n}"))
        return {"uuid": name, "timestamp": str(int(self._of.at.timestamp()))}


def _not_carried(why: str) -> InputError:
    return InputError(
        "This message cannot be written as an event of MISP",
        where=why,
        do="Write the message without it, or send it to each agency.",
        code="not_carried",
    )
