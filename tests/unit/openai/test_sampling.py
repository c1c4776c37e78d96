"""What the engine would refuse is refused alike, whatever was asked."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.errors import InvalidRequest
from gateway.openai.fields import Route
from gateway.openai.options import options_of
from gateway.openai.prepare import Prepared, prepare
from gateway.openai.room import check_room, rooms
from gateway.upstream import PromptTokens

BASE: dict[Route, dict[str, Any]] = {
    Route.CHAT: {"model": "m", "messages": [{"role": "user", "content": "hello"}]},
    Route.COMPLETIONS: {"model": "m", "prompt": "hello"},
}
TOOL = {"type": "function", "function": {"name": "f"}}
INF = float("inf")


def run(route: Route, **fields: Any) -> Prepared:
    return prepare(route, {**BASE[route], **fields}, b"key")


@pytest.mark.parametrize("route", Route)
@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("temperature", [-1, 2.01, INF, float("nan"), "1", True, [1], {}]),
        ("top_p", [0, -0.1, 1.1, "x", False, 1e-46]),
        ("min_p", [-0.1, 1.1]),
        ("top_k", [-2, 1.5, "1", True]),
        ("presence_penalty", [-2.1, 2.1]),
        ("frequency_penalty", [-2.1, 2.1]),
        ("repetition_penalty", [0, -1, INF, 1e-46, 1e-38, 9e-4, 1001, 1e39, 10**400]),
        ("length_penalty", ["x", INF]),
        ("max_tokens", [0, -1, 1.5, "5", True, 2**63]),
        ("min_tokens", [-1, 1.5, "1", True]),
        ("seed", [1.5, "1", True, -(2**63) - 1]),
        ("n", [0, 129, 1.0, "2", True]),
        ("stop", [[""], "x y".split() * 3, [1], 1, {"a": 1}, False]),
        ("ignore_eos", [1, "true"]),
        ("skip_special_tokens", [0, "x"]),
        ("stream", [1, "true"]),
        ("logit_bias", [[], {"x": 1}, {"-1": 1}, {"1": 101}, {"1": "1"}, {"1": True}, {"1": INF}]),
        ("stop_token_ids", [1, ["a"], [-1], [True]]),
        ("allowed_token_ids", [[], ["a"]]),
        ("bad_words", ["x", [""], [1], ["x"] * 129]),
        ("repetition_detection", [1, {"a": 1}, {"max_pattern_size": 2}, {"min_pattern_size": 1},
                                  {"max_pattern_size": -1}]),
        ("truncation_side", ["up", 1]),
        ("priority", [1, -1, "0", False]),
        ("user", [1]),
        ("thinking_token_budget", [-2, 1.5]),
        ("stream_interval", [0]),
        ("response_format", [1, {}, {"type": "x"}, {"type": ["text"]}, {"type": "json_schema"},
                             {"type": "json_schema", "json_schema": {"schema": {}}},
                             {"type": "json_schema", "json_schema": {"name": "s", "schema": 1}}]),
        ("structured_outputs", [1, {}, {"regex": 1}, {"regex": "a", "choice": ["b"]}, {"x": "y"},
                                {"choice": []}, {"choice": [1]}, {"regex": "a", "x": 1}]),
    ],
)  # fmt: skip
def test_a_field_out_of_range_is_named(route: Route, name: str, values: list[Any]) -> None:
    for value in values:
        with pytest.raises(InvalidRequest) as caught:
            run(route, **{name: value})
        assert str(caught.value.param).startswith(name), value
        assert len(caught.value.message) < 300


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"tools": {}}, "tools"),
        ({"tools": []}, "tools"),
        ({"tools": ["f"]}, "tools[0]"),
        ({"tools": [TOOL, {"type": "web"}]}, "tools[1]"),
        ({"tools": [{"type": "function"}]}, "tools[0].function"),
        ({"tools": [{"function": {"name": 1}}]}, "tools[0].function"),
        ({"tools": [{"function": {"name": "f", "parameters": []}}]},
         "tools[0].function.parameters"),
        ({"tool_choice": "auto"}, "tool_choice"),
        ({"tool_choice": "always", "tools": [TOOL]}, "tool_choice"),
        ({"tool_choice": 1, "tools": [TOOL]}, "tool_choice"),
        ({"tool_choice": {"function": {"name": "g"}}, "tools": [TOOL]}, "tool_choice"),
        ({"tool_choice": {"function": {}}, "tools": [TOOL]}, "tool_choice"),
        ({"tool_choice": {"function": {"name": "f"}}, "tools": [TOOL],
          "structured_outputs": {"regex": "a"}}, "structured_outputs"),
        ({"structured_outputs": {"regex": "a"}, "response_format": {"type": "json_object"}},
         "structured_outputs"),
        ({"logprobs": 1}, "logprobs"),
        ({"top_logprobs": 21, "logprobs": True}, "top_logprobs"),
        ({"top_logprobs": -1, "logprobs": True}, "top_logprobs"),
        ({"top_logprobs": 1}, "top_logprobs"),
        ({"max_completion_tokens": 0}, "max_completion_tokens"),
        ({"reasoning_effort": "huge"}, "reasoning_effort"),
        ({"continue_final_message": True, "add_generation_prompt": True}, "continue_final_message"),
        ({"temperature": 0, "n": 2}, "n"),
        ({"min_tokens": 6, "max_tokens": 5}, "min_tokens"),
        ({"stream_options": {"include_usage": True}}, "stream_options"),
    ],
)  # fmt: skip
def test_fields_that_need_each_other(fields: dict[str, Any], param: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        run(Route.CHAT, **fields)
    assert caught.value.param == param


@pytest.mark.parametrize(
    "fields",
    [
        {"temperature": 0}, {"temperature": 2, "n": 2}, {"top_p": 1}, {"top_k": -1}, {"top_k": 0},
        {"seed": -(2**63)}, {"max_tokens": 5, "min_tokens": 5}, {"stop": None}, {"stop": "x"},
        {"logit_bias": {"1": -100, "2": 0.5}}, {"logprobs": True, "top_logprobs": 20},
        {"tools": [TOOL]}, {"tools": [TOOL], "tool_choice": "required"}, {"tool_choice": "none"},
        {"tools": [TOOL], "tool_choice": {"type": "function", "function": {"name": "f"}}},
        {"response_format": {"type": "text"}}, {"response_format": {"type": "json_object"}},
        {"structured_outputs": {"json": {"type": "object"}, "regex": None}},
        {"structured_outputs": {"json_object": True}, "response_format": {"type": "json_object"}},
        {"temperature": None, "n": None, "ignore_eos": None, "logit_bias": None},
    ],
)  # fmt: skip
def test_ordinary_values_pass(fields: dict[str, Any]) -> None:
    run(Route.CHAT, **fields)


def test_completions_ask_for_logprobs_by_number() -> None:
    assert run(Route.COMPLETIONS, logprobs=0).body["logprobs"] == 0
    for value in (21, -1, True):
        with pytest.raises(InvalidRequest):
            run(Route.COMPLETIONS, logprobs=value)


def test_greedy_sampling_has_no_seed() -> None:
    assert run(Route.CHAT, temperature=0, seed=3).options.seed is None
    assert run(Route.CHAT, temperature=0.1, seed=3).options.seed == 3
    assert run(Route.CHAT, seed=-1).options.seed is None, "for vLLM that is none"


def test_an_answer_has_only_the_room_that_the_prompt_leaves() -> None:
    wanted = options_of({"max_tokens": 50, "min_tokens": 10}, chat=True)
    check_room(wanted, 50)
    check_room(wanted, None)
    with pytest.raises(InvalidRequest) as caught:
        check_room(wanted, 49)
    assert caught.value.param == "max_tokens"
    limits = [o.max_tokens for o in rooms(wanted, PromptTokens((10, 80), exact=True), 100)]
    assert limits == [50, 20]
    for prompt in (91, 100, 101):
        with pytest.raises(InvalidRequest):
            rooms(wanted, PromptTokens((10, prompt), exact=True), 100)
    assert rooms(wanted, PromptTokens((999,), exact=False), 100) == [wanted]
    endless = options_of({}, chat=True)
    assert rooms(endless, PromptTokens((30,), exact=True), 100)[0].max_tokens == 70
