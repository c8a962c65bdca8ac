"""Nodes that are made once and copied for every kill."""

import shutil
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg
from sqlalchemy.engine import make_url

from lintas.desk.office import Settings


@dataclass(frozen=True)
class Copies:
    """A node as it is before the deed. `copy` gives another one just like it, `drop` takes it away."""

    made: Settings
    folder: Path

    def copy(self) -> Settings:
        """A node of its own, with what lies beside it."""
        name = uuid.uuid4().hex
        shutil.copytree(self.made.node.parent, self.folder / name)
        return Settings(self.folder / name / self.made.node.name, self._database(f"lintas_{name}"))

    def drop(self, settings: Settings) -> None:
        """Take a copy away."""
        shutil.rmtree(settings.node.parent)
        self._command(settings, "DROP DATABASE {} WITH (FORCE)")

    def _database(self, name: str) -> str:
        if not self.made.database_url:
            return ""
        template = make_url(self.made.database_url)
        self._command(self.made, f'CREATE DATABASE "{name}" TEMPLATE {{}}')
        return template.set(database=name).render_as_string(hide_password=False)

    def _command(self, settings: Settings, command: str) -> None:
        if settings.database_url:
            url = make_url(settings.database_url)
            server = url.set(database="postgres").render_as_string(hide_password=False)
            with psycopg.connect(server, autocommit=True) as connection:
                connection.execute(command.format(f'"{url.database}"'))


Make = Callable[[Settings], None]


def prepared(make: Make, folder: Path, database_url: str) -> Copies:
    """Make the first one."""
    (folder / "first").mkdir(parents=True)
    settings = Settings(folder / "first" / "node", database_url)
    make(settings)
    return Copies(settings, folder)
