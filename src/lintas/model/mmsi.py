"""Maritime Mobile Service Identities of ships.

Source: Recommendation ITU-R M.585-9, Annex 1, section 1: a ship station has nine digits, MIDXXXXXX, where MID are the
maritime identification digits of its administration, 201 to 775. The number carries no check digit.
"""

import re

SHIP_MIDS = range(201, 776)

_WRITTEN = re.compile(r"^\s*(?:MMSI)?[\s:.#-]*(\d{3})[\s-]?(\d{3})[\s-]?(\d{3})\s*$", re.IGNORECASE | re.ASCII)


def parse(text: str) -> str | None:
    """The nine digits of a ship's identity, `563012345`.

    None when `text` is anything else. Coast stations (00...), groups of ships (0...), aircraft (111...), hand-held
    radios (8...), aids to navigation (99...) and distress beacons (97...) have nine digits too and are no ships.
    """
    found = _WRITTEN.match(text)
    return "".join(found.groups()) if found is not None and int(found[1]) in SHIP_MIDS else None
