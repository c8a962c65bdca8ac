"""Screening: queries in, matches out."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request

from lintas.api.algorithms import check, check_config
from lintas.api.answer import Answer
from lintas.api.asking import Asker, Node
from lintas.api.parameters import MatchParameters
from lintas.api.reading import body_of, read, strict_json
from lintas.api.shapes import Error, Example, MatchAnswers, MatchQueries
from lintas.desk import screening
from lintas.model.match import Reason

router = APIRouter(tags=["Matching"])
_SCHEMA = MatchQueries.model_json_schema(ref_template="#/components/schemas/{model}")
_SCHEMA.pop("$defs")


async def _queries(request: Request, _: Asker) -> MatchQueries:
    """The body, read only after it is known who asks."""
    return read(MatchQueries, strict_json(await body_of(request)))


@router.post(
    "/match/{dataset:path}",
    summary="Screen by example",
    responses={200: {"model": MatchAnswers}, 413: {"model": Error}},
    openapi_extra={"requestBody": {"required": True, "content": {"application/json": {"schema": _SCHEMA}}}},
)
def match(
    office: Node,
    officer: Asker,
    dataset: str,
    asked: Annotated[MatchQueries, Depends(_queries)],
    given: Annotated[MatchParameters, Query()],
) -> Answer:
    """Matches of up to 100 people, companies or things, each with the features that made its score."""
    check(given.algorithm)
    check_config(asked.config)
    filters = given.filters(topics=tuple(given.topics), exclude_ids=tuple(given.exclude_entity_ids))
    options = screening.Options(
        dataset, filters, given.threshold, given.cutoff, given.limit, asked.weights, is_lenient=True
    )
    answers = screening.match(office, officer, [_question(one) for one in asked.queries.values()], options)
    responses = {
        key: _answered(example, answer) for (key, example), answer in zip(asked.queries.items(), answers, strict=True)
    }
    return Answer(
        {"responses": responses, "limit": given.limit},
        headers={"x-batch-size": str(len(responses))},
        is_fictional=answers[0].is_fictional,
    )


def explained(reasons: tuple[Reason, ...]) -> dict[str, dict[str, Any]]:
    """Reasons as yente's clients read explanations."""
    return {
        reason.feature: {
            "score": reason.score,
            "detail": f"{reason.words} ({reason.contribution:+.4g})",
            "query": reason.query,
            "candidate": reason.listed,
            "weight": reason.weight,
        }
        for reason in reasons
    }


def _question(example: Example) -> screening.Question:
    return screening.Question(example.schema_, example.properties, example.id)


def _answered(example: Example, answer: screening.Answer) -> dict[str, Any]:
    results = [
        {**document, "score": found.score, "match": found.is_match, "explanations": explained(found.reasons)}
        for found, document in zip(answer.matches, answer.documents, strict=True)
    ]
    query = {"id": example.id, "schema": answer.asked.schema, "properties": answer.asked.properties}
    response = {
        "status": 200,
        "results": results,
        "total": {"value": answer.n_matches, "relation": "eq"},
        "query": query,
    }
    return {**response, "problems": list(answer.problems)} if answer.problems else response
