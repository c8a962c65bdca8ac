"""Channels with fields of their own: a sample of each holds, and what is none of theirs is refused by its name."""

from dataclasses import MISSING, fields
from typing import Any

import orjson
import pytest

from lintas.exchange import contents, reports
from lintas.exchange.refused import RefusedError
from lintas.model import shelf
from lintas.model.errors import InputError, NotFoundError
from tests.exchange.agencies import message

CHANNELS = reports.names()


def sample(channel: str) -> dict[str, Any]:
    told: dict[str, Any] = orjson.loads((shelf.folder(reports.SHELF, channel) / "sample.json").read_bytes())
    return told


def test_the_channels_that_the_region_asked_for_have_fields() -> None:
    assert set(CHANNELS) == {"maritime", "cyber", "proliferation_finance", "fraud", "trafficking"}


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_sample_holds_and_each_field_is_needed_or_known(channel: str) -> None:
    told = sample(channel)
    reports.check(channel, told)
    for one in fields(reports.of(channel)):
        if one.default is MISSING:
            with pytest.raises(InputError, match=one.name):
                reports.check(channel, {name: value for name, value in told.items() if name != one.name})
    with pytest.raises(InputError, match="colour"):
        reports.check(channel, told | {"colour": "red"})


@pytest.mark.parametrize(
    ("channel", "wrong"),
    [
        ("maritime", {"imo": "9074728"}),  # the check digit
        ("maritime", {"mmsi": "12"}),
        ("maritime", {"lat_deg": 91}),
        ("maritime", {"began_at": "2026-03-01T02:10:00"}),  # of no zone
        ("maritime", {"what": "sinking"}),
        ("cyber", {"technique": "phishing"}),
        ("cyber", {"hit_countries": ["Arunia"]}),
        ("proliferation_finance", {"hs_code": "84"}),
        ("proliferation_finance", {"amount": "1,000"}),
        ("proliferation_finance", {"currency": "dollars"}),
        ("fraud", {"n_victims": -1}),
        ("trafficking", {"n_minors": 1.5}),
    ],
)
def test_a_field_that_is_wrong_is_named(channel: str, wrong: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=next(iter(wrong))) as caught:
        reports.check(channel, sample(channel) | wrong)
    assert caught.value.code == "bad_body"


def test_a_report_is_of_the_channel_of_its_message() -> None:
    body = {"subject": "A ship", "text": "It is dark.", "channel": "maritime", "reports": [sample("maritime")]}
    contents.check(message("alert", body))
    for other in ("cyber", "general"):
        with pytest.raises(RefusedError) as caught:
            contents.check(message("alert", body | {"channel": other}))
        assert caught.value.code == "bad_body"
    with pytest.raises(NotFoundError):
        reports.of("general")
