"""What `algorithm` may be, said honestly: there is one scorer here."""

from typing import Any

from fastapi import APIRouter

from lintas.api.answer import Answer
from lintas.api.asking import Asker
from lintas.api.shapes import Algorithms
from lintas.desk.screening import FEATURES, SCORER_VERSION
from lintas.model.errors import InputError

BEST = "best"
# The names that yente 5.5 knows, so that callers who send one keep working.
OF_YENTE = ("logic-v2", "logic-v1", "ofac", "name-based", "name-qualified", "regression-v1")
ROLES = {
    "main": "carries a match",
    "fills": "takes a share of what is still missing to 1",
    "against": "subtracts",
}
OURS = (
    "Compares names word by word in any order and spelling, then numbers, dates, countries and gender. "
    "The contributions of its features add up to the score."
)

router = APIRouter(tags=["System information"])


def check(name: str) -> None:
    """Raises InputError for a name that nobody here answers to."""
    asked = name.strip().lower().replace(" ", "+")  # a plus sign in an address arrives as a space
    if asked not in (BEST, SCORER_VERSION.lower(), *OF_YENTE):
        raise InputError(
            f"There is no algorithm {name[:80]!r}",
            do=f"Use {BEST}, {SCORER_VERSION} or one of yente's: {', '.join(OF_YENTE)}.",
            code="unknown_algorithm",
        )


def check_config(config: dict[str, Any]) -> None:
    """Raises InputError for any setting: this scorer has none."""
    for name in config:
        raise InputError(
            f"{name[:80]!r} is no setting of {SCORER_VERSION}",
            do="Leave config empty; weights and threshold can be set.",
            code="unknown_setting",
        )


@router.get("/algorithms", summary="Scorers", responses={200: {"model": Algorithms}})
def algorithms(officer: Asker) -> Answer:
    """The scorer of this node with its features, and yente's names, which the same scorer answers."""
    ours = [_described(SCORER_VERSION, OURS)]
    others = [
        _described(name, f"Accepted for callers of yente. Answered by {SCORER_VERSION}: {OURS}") for name in OF_YENTE
    ]
    return Answer({"algorithms": ours + others, "default": SCORER_VERSION, "best": SCORER_VERSION})


def _described(name: str, description: str) -> dict[str, Any]:
    features = {
        feature.name: {
            "description": f"{feature.words}: {ROLES[feature.role]}. {feature.look.__doc__ or ''}".strip(),
            "coefficient": -feature.weight if feature.role == "against" else feature.weight,
            "url": "",
        }
        for feature in FEATURES
    }
    docs = {"name": name, "description": description, "config": {}, "features": features}
    return {"name": name, "description": description, "features": features, "docs": docs}
