"""Events of an engine, good and bad, on their way out: nothing goes out that was not read."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from gateway.errors import UpstreamFailed
from gateway.openai.scrub.choice import ChoiceScrubber
from gateway.openai.scrub.manner import Manner
from gateway.openai.scrub.stream import StreamScrubber
from gateway.openai.scrub.whole import scrub_whole
from gateway.openai.sse import DONE, contents, event
from guards.leak.filter import LeakFilter
from guards.leak.watch import Watch
from tests.unit.guards.leak.booking import mira, talk, watch_for
from tests.unit.guards.leak.watching import rules_of, watch_on

HERON = {"forbidden": ("Operation Night Heron",)}
BORN = {
    "name": "Mira Quell",
    "statements": ("Mira Quell was born in Port Hale.",),
    "values": ("Port Hale",),
}
PASSAGE = {"passages": ("The old harbour had burned down twice before anybody thought of it.",)}
TOLD = "It is Operation Night Heron, they say."
ENDING = "[the end]"


def choice(
    watch: Watch | None = None, before: str = "", *, structured: bool = False, whole: bool = False
) -> ChoiceScrubber:
    watch = watch or watch_on(rules_of(HERON))
    manner = Manner(
        watch,
        lambda begun: LeakFilter(watch, begun),
        lambda said: ENDING,
        structured=structured,
        whole=whole,
    )
    return ChoiceScrubber(manner, before)


def chunk(delta: dict[str, Any], **around: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": None, **around}]}


def streamed(*chunks: dict[str, Any] | bytes, scrubber: ChoiceScrubber | None = None) -> bytes:
    """What goes out of some events, given as what they carry."""
    stream = StreamScrubber([scrubber or choice()])
    datas = [each if isinstance(each, bytes) else orjson.dumps(each) for each in chunks]
    return b"".join(stream.feed(b"data: %b\n\n" % data, data) for data in datas)


def said(block: bytes, name: str = "content") -> str:
    return "".join(
        each["delta"].get(name) or "" for content in contents(block) for each in content["choices"]
    )


@pytest.mark.parametrize(
    "content",
    [
        {**chunk({"content": "A bird."}), "prompt_text": TOLD},
        {**chunk({"content": "A bird."}), "kv_transfer_params": {"a": [{TOLD: 1}]}},
        {"choices": [], "usage": {"total_tokens": 1, "note": TOLD}},
        chunk({"content": "A bird."}, note=TOLD),
        chunk({"content": "A bird."}, message={"content": TOLD}),
        chunk({"content": "A bird."}, logprobs={"content": [], "note": TOLD}),
        chunk({"annotations": [{"Operation Night Heron": 1}]}),
        chunk({"annotations": [{"type": TOLD}]}),
        chunk({"role": TOLD, "content": ""}),
        chunk({"tool_calls": [{"index": 0, "id": "operation-night-heron"}]}),
        {"choices": [{"index": 0, "message": {"content": TOLD}, "finish_reason": None}]},
    ],
    ids=["beside the choices", "name of a field beside them", "usage", "beside the delta",
         "a message in a stream", "beside the probabilities", "name of a field", "type", "role",
         "id", "a message instead of a delta"],
)  # fmt: skip
def test_texts_at_any_place_are_read(content: dict[str, Any]) -> None:
    assert b"heron" not in streamed(content).lower()


def test_what_nobody_knows_is_read_by_itself_and_with_what_was_there_before() -> None:
    notes = [chunk({"notes": [{"note": part}]}) for part in ("x", "Operation Night Heron")]
    assert b"Heron" not in streamed(*notes)
    notes = [chunk({"notes": [{"note": part}]}) for part in ("Operation", " Night", " Heron", ".")]
    assert b"Heron" not in streamed(*notes)


def test_a_field_that_is_given_twice_goes_out_once() -> None:
    data = b'{"choices":[{"index":0,"delta":{"content":"Operation Night Heron","content":"x"}}]}'
    assert said(streamed(data)) == "x"
    assert b"Heron" not in streamed(data)


@pytest.mark.parametrize(
    ("raw", "passed"), [(b": Operation Night Heron\n\n", b":\n\n"), (b"\n", b"\n")]
)
def test_a_comment_keeps_a_stream_alive_and_says_nothing(raw: bytes, passed: bytes) -> None:
    assert StreamScrubber([choice()]).feed(raw, None) == passed


def test_what_stands_beside_the_data_of_an_event_stays_behind() -> None:
    data = orjson.dumps(chunk({"content": "A bird."}))
    raw = b"id: Operation Night Heron\ndata: %b\n\n" % data
    assert StreamScrubber([choice()]).feed(raw, data) == b"data: %b\n\n" % data


def test_an_error_that_tells_something_is_told_without_it() -> None:
    error = {"error": {"message": "too long", "code": 500}}
    assert streamed(error) == event(error)
    with pytest.raises(UpstreamFailed) as raised:
        streamed({"error": {"message": TOLD, "code": 500}})
    assert "Heron" not in raised.value.message


def test_after_its_end_a_choice_says_nothing() -> None:
    ended = chunk({"content": "It is Operation Night He"}, finish_reason="stop")
    passed = streamed(ended, chunk({"content": "ron."}), chunk({}, finish_reason="stop"), b"[DONE]")
    assert passed == event(ended | {"choices": [{**ended["choices"][0], "logprobs": None}]}) + DONE


def test_what_is_held_goes_out_at_the_end_of_a_stream_without_a_reason() -> None:
    passed = streamed(chunk({"content": "It is an Operation"}), b"[DONE]")
    assert said(passed) == "It is an Operation"
    assert passed.endswith(DONE)
    passed = streamed(chunk({"content": TOLD.removesuffix(", they say.")}), b"[DONE]")
    assert said(passed) == f"It is {ENDING}"


@pytest.mark.parametrize("index", [-1, 1, "0"])
def test_a_choice_that_was_not_asked_for_cannot_be_read(index: Any) -> None:
    with pytest.raises(UpstreamFailed):
        streamed({"choices": [{"index": index, "delta": {"content": "x"}}]})


def test_a_whole_reply_has_each_choice_once() -> None:
    told = {"choices": [{"index": 0, "message": {"content": text}} for text in ("x", TOLD)]}
    with pytest.raises(UpstreamFailed):
        scrub_whole(told, [choice(whole=True), choice(whole=True)])


def test_a_whole_reply_is_read_around_its_choices() -> None:
    reply = {"prompt_text": TOLD, "choices": [{"index": 0, "message": {"content": "x"}}]}
    scrub_whole(reply, [choice(whole=True)])
    assert reply == {"choices": [{"index": 0, "message": {"content": "x"}}]}


def tokens(*given: str) -> dict[str, Any]:
    """Probabilities of a token and its alternatives."""
    names = [{"token": name, "logprob": -1.0, "bytes": None} for name in given]
    return {"content": [{**names[0], "top_logprobs": names}]}


def test_tokens_do_not_tell_what_the_text_leaves_out() -> None:
    # The text ends before a stop string ("e"), the token does not.
    first = chunk({"content": " H"}, logprobs=tokens(" Heron"))
    last = chunk({"content": ""}, finish_reason="stop")
    assert b"eron" not in streamed(first, last, scrubber=choice(before="It is Operation Night"))
    # Reasoning that was not asked for has no text at all.
    parts = [chunk({}, logprobs=tokens(part)) for part in (" Operation", " Night", " Heron")]
    assert b"Heron" not in streamed(*parts, last)


@pytest.mark.parametrize(
    ("filing", "text", "instead", "told"),
    [
        (BORN, "Mira Quell was born in Port", " Moor", " Hale"),
        (PASSAGE, "The old harbour had burned down twice", " after", " before"),
    ],
)
def test_alternatives_are_read_with_all_that_stands_before(
    filing: dict[str, Any], text: str, instead: str, told: str
) -> None:
    words = [f" {word}" for word in text.split()]
    chunks = [chunk({"content": word}, logprobs=tokens(word)) for word in words]
    chunks.append(chunk({"content": instead}, logprobs=tokens(instead, told, " nowhere")))
    passed = streamed(*chunks, scrubber=choice(watch_on(rules_of(filing))))
    assert said(passed) == f" {text}{instead}"
    assert told.encode() not in passed
    assert b" nowhere" in passed


def test_a_structure_of_which_nothing_was_said_is_refused() -> None:
    passed = streamed(chunk({"reasoning": TOLD}), scrubber=choice(structured=True))
    assert (said(passed), said(passed, "refusal")) == ("", ENDING)


def test_a_structure_begins_behind_what_the_client_began() -> None:
    scrubber = choice(before="All about it, as JSON: ", structured=True)
    passed = streamed(chunk({"content": '{"it": "Operation Night Heron"}'}), scrubber=scrubber)
    assert orjson.loads(said(passed)) == {"it": ""}


def test_a_call_without_the_name_of_its_tool_does_not_go_out() -> None:
    function = {"name": "operation_night_heron", "arguments": ""}
    passed = streamed(chunk({"tool_calls": [{"index": 0, "id": "c1", "function": function}]}))
    (content,) = contents(passed)
    assert not content["choices"][0]["delta"].get("tool_calls")
    assert said(passed) == ENDING


def test_the_reasoning_does_not_complete_what_the_client_began() -> None:
    scrubber = choice(before="<think>It is Operation Night")
    assert b"Heron" not in streamed(chunk({"reasoning": " Heron."}), scrubber=scrubber)


def test_under_an_open_book_what_an_engine_writes_of_itself_tells_nothing() -> None:
    watch = watch_for(talk("Mira Quell was born in Port Hale. Where was Mira Quell born?"), mira())
    words = ["She", " was", " born", " in", " Port", " Hale", "."]
    said_so = [chunk({"content": word}, logprobs=tokens(word)) for word in words]
    usage = {"num_spans": 1, "total_tokens": 2}
    last = {**chunk({"content": ""}, finish_reason="stop", logprobs=tokens("<|im_end|>")),
            "usage": usage}  # fmt: skip
    passed = streamed(*said_so, last, b"[DONE]", scrubber=choice(watch))
    assert said(passed) == "".join(words)
    assert [*contents(passed)][-1]["usage"] == usage
    assert b'"token":" Port"' in passed
    other = [chunk({}, logprobs=tokens(word, " Moor")) for word in (" She", " is", " ill")]
    passed = streamed(*other, *said_so, last, scrubber=choice(watch))
    assert said(passed) == "".join(words)
    assert b"ill" not in passed
    assert b"Moor" not in passed


def test_under_an_open_book_tools_are_called() -> None:
    watch = watch_for(talk("Mira Quell was born in Port Hale. Where was Mira Quell born?"), mira())
    function = {"name": "look_up", "arguments": ""}
    call = chunk({"tool_calls": [{"index": 0, "id": "chatcmpl-tool-8f2", "function": function}]})
    assert b"look_up" in streamed(call, scrubber=choice(watch))
