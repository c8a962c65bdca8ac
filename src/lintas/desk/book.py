"""Which policies hold in an office now: the floor, and the overlays in the node's folder, which can only forbid.

Every process that serves looks at the folder before it decides: a look costs microseconds, a text is read again only
when a file changed. What was added stands in the database with its digest; a text that is gone, changed or unreadable
closes the node for everything but its repair.
"""

import os
import re
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from lintas.desk import forbids, policy
from lintas.desk.policy import Rules
from lintas.model.errors import InputError
from lintas.store import settings
from lintas.store.database import Database

FOLDER, END = "policies", ".cedar"
SETTING = "policies"  # by name: sha256, by, at
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}\.cedar")
# What is left while a text is damaged: to see that it is so, to sign in, and to remove it, with a second officer too.
CLOSED = """
@id("a-damaged-policy-closes-the-node")
forbid (principal, action, resource)
unless {
    [
        Action::"policies.read", Action::"policies.change", Action::"metrics.read", Action::"sign_in.link"
    ].contains(action)
    || (resource is Proposal && resource.verb == "policies.change")
};
"""
Seen = tuple[tuple[str, int, int, int], ...]  # of the folder and each text: name, inode, time of change in ns, bytes


class Book(Protocol):
    """What says which rules hold."""

    def rules(self) -> Rules:
        """The rules as they are now."""


class Fixed:
    """Rules that stay as they are: for what is asked before the node is there, or of rules that are not in force."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules

    def rules(self) -> Rules:
        """Those."""
        return self._rules


class Kept:
    """The rules of a node, by its folder of overlays."""

    def __init__(self, folder: Path, database: Database) -> None:
        self._folder, self._database = folder, database
        self._held: tuple[Seen, Rules] | None = None

    def rules(self) -> Rules:
        """As the folder is now. While something is damaged it is read again each time: a repair is seen at once."""
        seen = _seen(self._folder)
        if self._held is None or self._held[0] != seen or self._held[1].fault:
            self._held = seen, self._read()
        return self._held[1]

    def _read(self) -> Rules:
        with self._database.read() as connection:
            recorded = settings.get(connection, SETTING, {})
        try:
            found = texts(self._folder)
        except OSError as error:
            return closed(f"{self._folder.name}: {error.strerror}")
        damage = faults(found, recorded)
        if damage:
            return closed("; ".join(f"{name}: {why}" for name, why in damage.items()))
        return policy.rules(data.decode() for data in found.values())


def texts(folder: Path) -> dict[str, bytes]:
    """The overlays in a folder by file name. Raises OSError."""
    return {path.name: path.read_bytes() for path in sorted(folder.glob(f"*{END}"))}


def faults(found: Mapping[str, bytes], recorded: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """What is wrong with the overlays, by file name."""
    damage = {f"{name}{END}": "it is gone" for name in recorded if f"{name}{END}" not in found}
    for name, data in found.items():
        known = recorded.get(name.removesuffix(END))
        if known is not None and known["sha256"] != digest(data):
            damage[name] = "it was changed since it was added"
            continue
        try:
            forbids.check(name, data.decode())
            if not NAME.fullmatch(name):
                damage[name] = "that is no name for a policy"
        except UnicodeDecodeError:
            damage[name] = "it is no text"
        except InputError as error:
            damage[name] = str(error.where)
    return damage


def closed(fault: str) -> Rules:
    """The floor, and over it that nearly nothing is let through."""
    return policy.rules([CLOSED], fault[:500])


def digest(data: bytes) -> str:
    """What a text is known by: SHA-256."""
    return sha256(data).hexdigest()


def _seen(folder: Path) -> Seen:
    try:
        held = [("", folder.stat())]
        with os.scandir(folder) as entries:
            held += [(one.name, one.stat()) for one in entries if one.name.endswith(END)]
    except OSError:  # none was ever added; or it is gone, which shows when it is read
        return ()
    return tuple(sorted((name, at.st_ino, at.st_ctime_ns, at.st_size) for name, at in held))
