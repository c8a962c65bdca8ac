"""Fields of an XML element: what is read of them, and that nothing is dropped in silence."""

from pathlib import Path

import pytest
from lxml import etree

from lintas.model.errors import FileError
from lintas.sources.fields import Fields
from lintas.sources.xml import Seen

SOURCE = Path("list.xml")
ENTRY = """<entry number="7">
<name>Mara <!-- sic -->Sol</name><name/>
<titles><title> Dr </title><title>-</title></titles>
<listed>TRUE</listed>
<note/>
</entry>"""


def fields(xml: str = ENTRY, ignored: tuple[str, ...] = ()) -> Fields:
    return Fields(etree.fromstring(xml), SOURCE, ignored=frozenset(ignored))


def test_attributes_children_and_children_of_children_are_read_alike() -> None:
    entry = fields()
    assert entry.text("@number") == "7"
    assert entry.texts("name") == ["Mara Sol"]  # whole around a comment, and without the empty one
    assert entry.text("titles", "title") == "Dr; -"
    assert entry.flag("listed") is True
    assert entry.flag("delisted") is None
    assert entry.left() == ("note",)


def test_what_is_ignored_may_hold_anything() -> None:
    fields("<e no='7'><note version='2'>new<part/></note></e>", ignored=("note", "@no")).close()


@pytest.mark.parametrize("xml", ["<e a='1'/>", "<e><b/></e>", "<e>text</e>", "<e><note/>text</e>"])
def test_what_nobody_takes_is_refused(xml: str) -> None:
    with pytest.raises(FileError) as caught:
        fields(xml, ignored=("note",)).close()
    assert caught.value.code == "unknown_field"


def test_a_text_with_attributes_or_elements_of_its_own_is_refused() -> None:
    for xml in ("<e><a b='1'>x</a></e>", "<e><a>x<b/></a></e>"):
        with pytest.raises(FileError, match="does not know"):
            fields(xml).texts("a")


def test_a_child_is_closed_when_the_next_one_is_asked_for() -> None:
    children = fields("<e><a/>\n<a>\n<b>1</b></a></e>").children("a")
    assert [next(children).text("b"), next(children).left()] == [None, ("b",)]
    with pytest.raises(FileError) as caught:
        next(children)
    assert caught.value.where == "list.xml, line 3"


@pytest.mark.parametrize(("xml", "code"), [("<e/>", "element_missing"), ("<e><a>1</a><a>2</a></e>", "unknown_field")])
def test_what_is_required_stands_exactly_once(xml: str, code: str) -> None:
    with pytest.raises(FileError) as caught:
        fields(xml).required("a")
    assert caught.value.code == code


def test_the_same_entry_on_the_same_line_of_a_second_file_is_not_new() -> None:
    seen, element = Seen(), etree.fromstring("<e>1</e>")
    assert seen.is_new("7", element, SOURCE)
    assert not seen.is_new("7", etree.fromstring("<e>1</e>"), Path("other.xml"))
    with pytest.raises(FileError, match="stands twice"):
        seen.is_new("7", etree.fromstring("<e>2</e>"), SOURCE)
