"""The only dynamic import in the house: what stands on a shelf is registered by its folder."""

import importlib
import pkgutil
from importlib.resources import files
from importlib.resources.abc import Traversable
from types import ModuleType

from lintas.model.errors import NotFoundError


def names(shelf: str) -> tuple[str, ...]:
    """Names of the folders on `shelf` (a package, such as `lintas.sources.lists`), sorted."""
    package = importlib.import_module(shelf)
    return tuple(sorted(found.name for found in pkgutil.iter_modules(package.__path__) if found.ispkg))


def take(shelf: str, name: str, module: str) -> ModuleType:
    """Import `module` from the folder `name` of `shelf`.

    Raises NotFoundError when the shelf has no such folder.
    """
    folder(shelf, name)
    return importlib.import_module(f"{shelf}.{name}.{module}")


def folder(shelf: str, name: str) -> Traversable:
    """The files that stand beside the code in the folder `name` of `shelf`.

    Raises NotFoundError when the shelf has no such folder.
    """
    known = names(shelf)
    if name not in known:
        kind = shelf.rsplit(".", 1)[-1]
        raise NotFoundError(
            f"{name!r} is not one of the {kind} that this node knows",
            do=f"Use one of: {', '.join(known)}.",
            code="unknown_name",
        )
    return files(f"{shelf}.{name}")
