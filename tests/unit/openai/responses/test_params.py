"""Errors of a chat name the fields of the Responses request."""

from __future__ import annotations

import pytest

from gateway.openai.responses.params import renamed

ORIGINS = ("instructions", "input[0]", "input[4]")


@pytest.mark.parametrize(
    ("param", "name"),
    [
        ("messages", "input"),
        ("messages[0].content", "instructions"),
        ("messages[2].tool_calls", "input[4]"),
        ("messages[9].role", "input[9].role"),
        ("tools[3].function.parameters", "tools[3].parameters"),
        ("response_format.json_schema.schema", "text.format.schema"),
        ("response_format.type", "text.format.type"),
        ("max_completion_tokens", "max_output_tokens"),
        ("max_tokens", "max_output_tokens"),
        ("reasoning_effort", "reasoning.effort"),
        ("logprobs", "include"),
        ("top_logprobs", "top_logprobs"),
        ("vllm_xargs.lethe_x", "vllm_xargs.lethe_x"),
        ("temperature", "temperature"),
    ],
)
def test_names(param: str, name: str) -> None:
    message = f"{param} is wrong."
    assert renamed(message, param, ORIGINS) == (f"{name} is wrong.", name)
