"""Where browsers find this node: what it was told, else this machine; never what a request says of itself."""

import pytest

from lintas.desk import origin
from lintas.desk.origin import Origin
from lintas.model.errors import InputError


@pytest.mark.parametrize(
    ("told", "read"),
    [
        ("https://desk.example", "https://desk.example"),
        ("https://desk.example/", "https://desk.example"),
        ("https://DESK.example:443", "https://desk.example"),
        ("https://desk.example:8443", "https://desk.example:8443"),
        ("http://localhost:8000", "http://localhost:8000"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_an_address_is_read_as_browsers_write_it(told: str, read: str) -> None:
    assert str(origin.configured({"LINTAS_ORIGIN": told})) == read


@pytest.mark.parametrize(
    "told",
    [
        "desk.example",
        "http://desk.example",
        "http://localhost.evil.example",
        "http://127.0.0.1.evil.example",
        "https://",
        "https://desk.example/path",
        "https://desk.example?x",
        "https://desk.example#x",
        "https://officer@desk.example",
        "https://desk.example:99999",
        "https://desk.exämple",
        "javascript://localhost/%0aalert(1)",
        " ",
    ],
)
def test_what_is_no_address_of_a_node_is_refused(told: str) -> None:
    with pytest.raises(InputError) as caught:
        origin.configured({"LINTAS_ORIGIN": told})
    assert caught.value.code == "bad_origin"


def test_told_nothing_it_is_this_machine_alone_that_a_request_may_name() -> None:
    assert origin.configured({}) is None
    for host in ("localhost:8000", "127.0.0.1:8000", "[::1]:8000"):
        assert str(origin.of_request(None, "http", host)) == f"http://{host}"
    for host in ("desk.example", "localhost.evil.example", "10.0.0.5:8000", "", "localhost@evil.example", "[", "a b"):
        assert origin.of_request(None, "http", host) is None, host


def test_what_it_was_told_goes_before_what_a_request_says() -> None:
    told = Origin("https", "desk.example", 443)
    assert origin.of_request(told, "http", "localhost:8000") == told


@pytest.mark.parametrize(("host", "has_name"), [("desk.example", True), ("localhost", True), ("::1", False)])
def test_a_passkey_is_for_a_name(host: str, has_name: bool) -> None:
    assert Origin("https", host, 443).has_name == has_name
