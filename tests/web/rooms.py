"""What the rooms under the pages say to an officer, for translators: errors, and problems in the rows of a file.

`python -m tests.web.rooms` brings `rooms.po` of every language up to date; what is new in it is empty. A value in the
middle of a sentence stands as {0}, {1}, in the order of the English one.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages import Catalog

import lintas
from lintas.web.words import LOCALE
from tests.web.ontology import update

ROOT = Path(lintas.__file__).parent
ROOMS = ("desk", "model", "store", "sources/customers", "sources/catalogue.py", "web")
# Reached by commands alone, which are in English.
COMMANDS = {
    *(f"desk/{name}.py" for name in ("archive", "backup", "custodians", "demonstration", "packs", "restore", "seal")),
    *(f"desk/{name}.py" for name in ("typesetting", "upgrade", "vacancy", "forms", "leaving", "line", "rotation")),
    *(f"desk/{name}.py" for name in ("misp", "misp_folder", "taxii_keeping")),
    *(f"desk/directory{name}.py" for name in ("", "_client", "_folder", "_making")),
    *(f"store/{name}.py" for name in ("dump", "upgrade")),
}
IN_ROWS = "sources/customers"  # where whatever reads like a sentence is told of a row or a file
_SENTENCE = re.compile(r"(?:[A-Za-z,;:'’.-]{2,} ){2}|[a-z]{3,} [a-z]{3,}|^an? [a-z]+$")
_LETTERS = 7  # that a sentence must have of its own, so that it is known again


def messages() -> Iterator[str]:
    """Every sentence that an error or a problem is made of."""
    for path in sorted(_paths()):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        in_rows = path.is_relative_to(ROOT / IN_ROWS)
        found = _sentences(tree) if in_rows else _of_errors(tree)
        yield from (text for text in found if len(re.sub(r"\{\d\}|\W", "", text)) >= _LETTERS)


def template() -> Catalog:
    """An empty catalogue of them, each once, sorted."""
    catalogue = Catalog(project="Lintas", fuzzy=False)
    for words in sorted(set(messages())):
        catalogue.add(words)
    return catalogue


def _paths() -> Iterator[Path]:
    for room in ROOMS:
        place = ROOT / room
        held = place.rglob("*.py") if place.is_dir() else [place]
        yield from (path for path in held if path.relative_to(ROOT).as_posix() not in COMMANDS)


def _of_errors(tree: ast.AST) -> Iterator[str]:
    """The words of every call that makes an error, or that hands words on to what makes one."""
    constants = _constants(tree)
    makers = _makers(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and (_is_error(node) or _name(node.func) in makers):
            said = [*node.args, *(word.value for word in node.keywords if word.arg in ("do", "what", "why"))]
            for one in said:
                yield from (text for text in _texts(one, constants) if _is_error(node) or _SENTENCE.search(text))


def _sentences(tree: ast.AST) -> Iterator[str]:
    """Whatever reads like a sentence and is no docstring."""
    docs = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef) and isinstance(node.body[0], ast.Expr)
    }
    parts = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if id(node) not in docs | parts and isinstance(node, ast.Constant | ast.JoinedStr):
            yield from (text for text in _texts(node, {}) if _SENTENCE.search(text))


def _makers(tree: ast.AST) -> set[str]:
    """Functions of a file that give back an error."""
    return {
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.returns is not None and "Error" in ast.unparse(node.returns)
    }


def _is_error(call: ast.Call) -> bool:
    is_whole = _name(call.func).endswith("Error") and any(word.arg == "do" for word in call.keywords)
    return is_whole or _name(call.func) == "Fault"


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _constants(tree: ast.AST) -> dict[str, ast.expr]:
    held = [node for node in ast.walk(tree) if isinstance(node, ast.Assign)]
    return {target.id: node.value for node in held for target in node.targets if isinstance(target, ast.Name)}


def _texts(node: ast.expr, constants: dict[str, ast.expr]) -> Iterator[str]:
    """A text with its values as {0}, {1}; of a choice each side; of a name what it stands for."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        numbers = iter(range(10))
        yield "".join(
            str(part.value) if isinstance(part, ast.Constant) else f"{{{next(numbers)}}}" for part in node.values
        )
    elif isinstance(node, ast.IfExp):
        yield from (text for side in (node.body, node.orelse) for text in _texts(side, constants))
    elif isinstance(node, ast.Name) and node.id in constants:
        yield from _texts(constants[node.id], {})


if __name__ == "__main__":
    for folder in sorted(LOCALE.glob("*/LC_MESSAGES")):
        update(folder / "rooms.po", folder.parent.name, template())
