"""Queries about the people of the fictional sample lists."""

from typing import Any

import httpx

ILVA = "un_sc-9990005"  # Ilva Strandmark, Sweden, born 1980
HERON = "un_sc-9990101"  # Bright Heron Shipping Company, Limited; two people are linked to it


def query(schema: str = "Person", **properties: Any) -> dict[str, Any]:
    return {"schema": schema, "properties": properties}


# The number agrees and no word of the names does; so weighed, that is exactly the threshold of 0.7.
AT_THE_THRESHOLD = query(name=["Nobody Atall"], passportNumber=["EX5550001"])
WEIGHTS = {"document_match": 0.9, "no_name_agrees": 0.2}


def match(
    api: httpx.Client,
    asked: dict[str, Any],
    *,
    dataset: str = "default",
    weights: dict[str, float] | None = None,
    **parameters: Any,
) -> dict[str, Any]:
    """The answer to one query."""
    body = {"queries": {"q": asked}, "weights": weights or {}}
    answer = api.post(f"/match/{dataset}", json=body, params=parameters)
    assert answer.status_code == 200, answer.text
    first: dict[str, Any] = answer.json()["responses"]["q"]
    return first


def ids(answer: dict[str, Any]) -> list[str]:
    return [result["id"] for result in answer["results"]]


def refused(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The body of an error, which must be in the shape of every error."""
    assert answer.status_code == status, answer.text
    body: dict[str, Any] = answer.json()
    assert body.keys() == {"detail", "code", "where", "do"}
    assert body["code"] == code
    assert body["detail"]
    assert body["do"]
    return body
