"""How much of a long answer is given out at once."""

from lintas.model.errors import InputError

MAX_RESULTS = 500
MAX_OFFSET = 10_000_000


def check_page(limit: int, offset: int) -> None:
    """Raises InputError for a page that is not given out."""
    if not 0 <= limit <= MAX_RESULTS or not 0 <= offset <= MAX_OFFSET:
        raise InputError(
            f"A page of {limit} from {offset} is not given out",
            do=f"Ask for 0 to {MAX_RESULTS} results, from 0 on.",
            code="bad_page",
        )
