"""What may follow what: golden traces that hold, and every step that is out of turn."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lintas.exchange import threads, types
from lintas.exchange.refused import RefusedError
from lintas.exchange.threads import Said

A, B = "xa.fiu", "xb.police"
# Each step: type, who says it, which step it answers (from 0), extent of a reply.
Step = tuple[str, str, int | None, str]
TRACES: dict[str, list[Step]] = {
    "asked and answered": [
        ("request", A, None, ""),
        ("acknowledgement", B, 0, ""),
        ("clarification", B, 0, ""),
        ("clarification", A, 2, ""),
        ("interim", B, 0, ""),
        ("reply", B, 0, "partial"),
        ("reply", B, 0, "final"),
        ("use_report", A, 6, ""),
    ],
    "refused": [("request", A, None, ""), ("refusal", B, 0, "")],
    "nothing held, and put right later": [
        ("request", A, None, ""),
        ("reply", B, 0, "nothing"),
        ("correction", B, 1, ""),
    ],
    "handed on with consent, then recalled": [
        ("request", A, None, ""),
        ("reply", B, 0, "partial"),
        ("consent_request", A, 1, ""),
        ("consent_grant", B, 2, ""),
        ("recall", B, 1, ""),
        ("recall_ack", A, 4, ""),
    ],
    "told unasked, denied, deleted in time": [
        ("spontaneous", A, None, ""),
        ("acknowledgement", B, 0, ""),
        ("consent_request", B, 0, ""),
        ("consent_denial", A, 2, ""),
        ("purge_attestation", B, 0, ""),
    ],
    "new keys": [("key_notice", A, None, "")],
    "matched privately": [
        ("match_offer", A, None, ""),
        ("match_batch", B, 0, ""),
        ("match_answer", A, 1, ""),
        ("match_count", B, 2, ""),
        ("match_batch", B, 0, ""),
        ("match_canaries", A, 0, ""),
        ("match_canary_count", B, 5, ""),
    ],
    "a warning": [("alert", A, None, ""), ("acknowledgement", B, 0, ""), ("correction", A, 0, "")],
}


def said(steps: list[Step]) -> list[Said]:
    return [
        Said(f"m-{place}", type, by, None if to is None else f"m-{to}", extent)
        for place, (type, by, to, extent) in enumerate(steps)
    ]


def is_allowed(thread: list[Said], new: Said) -> bool:
    try:
        threads.require(thread, new)
    except RefusedError as error:
        return error.code != "out_of_turn"
    return True


@pytest.mark.parametrize("name", TRACES)
def test_a_trace_holds_step_by_step(name: str) -> None:
    trace = said(TRACES[name])
    for place, step in enumerate(trace):
        assert is_allowed(trace[:place], step)
        if step.reply_to is not None and step.type != "reply":
            to = next(one for one in trace if one.id == step.reply_to)
            assert step.type in threads.may_follow(trace[:place], to, step.issuer)


@pytest.mark.parametrize("name", TRACES)
def test_no_step_of_a_trace_may_be_the_other_nodes(name: str) -> None:
    trace = said(TRACES[name])
    for place, step in enumerate(trace[1:], 1):
        other = B if step.issuer == A else A
        turned = Said(step.id, step.type, other, step.reply_to, step.extent)
        assert not is_allowed(trace[:place], turned), step


OUT_OF_TURN: dict[str, tuple[list[Step], Step]] = {
    "an answer to nothing": ([], ("reply", B, None, "final")),
    "an answer after the last": (TRACES["asked and answered"][:7], ("reply", B, 0, "final")),
    "a refusal after the answer": (TRACES["asked and answered"][:7], ("refusal", B, 0, "")),
    "an answer after a refusal": (TRACES["refused"], ("reply", B, 0, "final")),
    "a second request in the thread": (TRACES["refused"], ("request", A, None, "")),
    "a grant that nobody asked for": (TRACES["refused"], ("consent_grant", B, 0, "")),
    "a grant after a denial": (TRACES["told unasked, denied, deleted in time"][:4], ("consent_grant", A, 2, "")),
    "a second recall": (TRACES["handed on with consent, then recalled"], ("recall", B, 1, "")),
    "consent asked for what was recalled": (
        TRACES["handed on with consent, then recalled"],
        ("consent_request", A, 1, ""),
    ),
    "an answer to what is not there": (TRACES["refused"], ("acknowledgement", B, 7, "")),
}


@pytest.mark.parametrize("name", OUT_OF_TURN)
def test_what_is_out_of_turn_is_refused(name: str) -> None:
    before, step = OUT_OF_TURN[name]
    thread = said(before)
    (new,) = said([step])
    assert not is_allowed(thread, Said("m-new", new.type, new.issuer, new.reply_to, new.extent))


@given(st.data())
def test_any_thread_that_the_rules_let_grow_is_bounded_by_them(data: st.DataObject) -> None:
    """However two nodes go on, each message has one place, and what is settled stays so."""
    thread = said([("request", A, None, "")])
    for place in range(1, 12):
        by = data.draw(st.sampled_from([A, B]))
        to = data.draw(st.sampled_from(thread))
        choices = threads.may_follow(thread, to, by)
        if choices:
            extent = data.draw(st.sampled_from(["final", "partial"]))
            thread.append(Said(f"m-{place}", data.draw(st.sampled_from(choices)), by, to.id, extent))
    finals = [place for place, one in enumerate(thread) if one.type == "reply" and one.extent == "final"]
    assert len(finals) <= 1
    if finals:
        assert not any(one.type in ("reply", "refusal", "interim") for one in thread[finals[0] + 1 :])
    recalls = [one.reply_to for one in thread if one.type == "recall"]
    assert len(recalls) == len(set(recalls))


def test_every_type_is_in_some_trace() -> None:
    assert {step[0] for trace in TRACES.values() for step in trace} == set(types.names())
