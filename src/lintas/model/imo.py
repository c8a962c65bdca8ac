"""IMO ship identification numbers.

Source: IMO Resolution A.1117(30), IMO Ship Identification Number Scheme: seven digits, of which the last is the
check digit: the units digit of the sum of the first six, multiplied by 7, 6, 5, 4, 3, 2.
"""

import re

from stdnum import imo

_WRITTEN = re.compile(r"^\s*(?:I\.?M\.?O\.?)?[\s:.#-]*(?:No\.?|Number)?[\s:.#-]*(\d{7})\s*$", re.IGNORECASE | re.ASCII)


def parse(text: str) -> str | None:
    """The number of a ship as FollowTheMoney writes it: `IMO` and seven digits, `IMO9319466`.

    None when `text` is anything else, or its check digit is wrong. Numbers of companies, which the same
    organisation gives out with another check digit, are none of a ship.
    """
    found = _WRITTEN.match(text)
    if found is None or found[1] == "0000000":  # its check digit is right, and no ship has it
        return None
    return f"IMO{found[1]}" if imo.is_valid(found[1]) else None
