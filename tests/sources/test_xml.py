"""Markup that libxml lets through and its own tools then stumble over: what a fuzzer found."""

from pathlib import Path

import pytest

from lintas.model.errors import FileError
from lintas.sources.xml import Seen, local_name, records


def test_a_name_that_is_none_is_refused_like_any_stranger(tmp_path: Path) -> None:
    for name in ("a:b:c", "entry:", "x:entry"):
        path = tmp_path / "list.xml"
        path.write_text(f"<list><entry/><{name}/></list>", encoding="utf-8")
        with pytest.raises(FileError) as caught:
            list(records(path, "list", frozenset({"entry"})))
        assert caught.value.code in ("unknown_field", "not_well_formed")


def test_a_namespace_without_an_absolute_name_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "list.xml"
    path.write_text('<list xmlns:p="relative"><entry p:a="1"/></list>', encoding="utf-8")
    for element in records(path, "list", frozenset({"entry"})):
        assert local_name(element) == "entry"
        with pytest.raises(FileError) as caught:
            Seen().is_new("7", element, path)
        assert caught.value.code == "bad_namespace"
        assert "'7'" in caught.value.what
