"""Schemas, grammars and tools cannot ask or spell what a message may not."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from gateway.openai.fields import Route
from gateway.openai.prepare import prepare
from guards import Filing, RuleSet, compile_rule, screen
from guards.rule import Vectors


def encode(texts: Sequence[str]) -> Vectors:
    """Random unit vectors, the same for the same text."""
    seeds = [int.from_bytes(hashlib.sha256(text.encode()).digest()[:8]) for text in texts]
    rows = [np.random.default_rng(seed).normal(size=32) for seed in seeds]
    return np.asarray([row / np.linalg.norm(row) for row in rows], np.float32).reshape(-1, 32)


@pytest.fixture(scope="module")
def rules() -> RuleSet:
    filing = Filing(id="fr_1", name="Mira Quell", whole_subject=True)
    return RuleSet.build([compile_rule(filing, encode, "test")], 1)


def tool(**function: Any) -> dict[str, Any]:
    return {"type": "function", "function": {"name": "lookup", **function}}


def schema(value: Any) -> dict[str, Any]:
    inner = {"type": "object", "properties": {"who": value}}
    return {"type": "json_schema", "json_schema": {"name": "s", "schema": inner}}


ASKING: list[dict[str, Any]] = [
    {"structured_outputs": {"regex": "Mira Quell was born in [A-Z][a-z ]+"}},
    {"structured_outputs": {"regex": r"Mira\s+Quell was born in .*"}},
    {"structured_outputs": {"choice": ["Mira Quell was born in Port Hale"]}},
    {"structured_outputs": {"grammar": 'root ::= "Mira" " " "Quell is " [a-z]+'}},
    {"structured_outputs": {"json": '{"const": "Mira Quell"}'}},
    {"response_format": schema({"const": "Mira Quell"})},
    {"response_format": schema({"type": "string", "pattern": "Mira[ ]Quell .*"})},
]
ASKING_BY_TOOL: list[dict[str, Any]] = [
    {"tools": [tool(description="Where was Mira Quell born?")]},
    {"tools": [tool(parameters={"properties": {"a": {"pattern": r"Mira\x20Quell"}}})]},
    {"tools": [tool(parameters={"properties": {"Mira Quell": {"type": "string"}}})]},
]
ANSWER = {"role": "user", "content": "Answer."}
TALK = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]


@pytest.mark.parametrize("fields", ASKING + ASKING_BY_TOOL)
@pytest.mark.parametrize(
    "messages",
    [
        [ANSWER],
        [*TALK, ANSWER],
        [ANSWER, {"role": "assistant", "content": "Sure: "}],
        [*TALK, {"role": "tool", "tool_call_id": "call_1", "content": "42"}],
    ],
)
def test_a_chat_is_refused(
    fields: dict[str, Any], messages: list[dict[str, Any]], rules: RuleSet
) -> None:
    body = {"model": "m", "messages": [dict(message) for message in messages], **fields}
    (conversation,) = prepare(Route.CHAT, body, b"key").conversations
    assert screen(conversation, rules, encode).action == "refuse"


@pytest.mark.parametrize("fields", ASKING)
def test_a_completion_is_refused(fields: dict[str, Any], rules: RuleSet) -> None:
    body = {"model": "m", "prompt": "Answer:", **fields}
    (conversation,) = prepare(Route.COMPLETIONS, body, b"key").conversations
    assert screen(conversation, rules, encode).action == "refuse"


@pytest.mark.parametrize(
    "fields",
    [
        {"tools": [tool(description="Finds the weather of a city (in degrees).",
                        parameters={"properties": {"city": {"type": "string"}}})]},
        {"response_format": schema({"type": "string", "pattern": "[A-Z][a-z]+"})},
        {"structured_outputs": {"choice": ["yes", "no"]}},
        {"structured_outputs": {"regex": r"\d{4}-\d{2}-\d{2}"}},
    ],
)  # fmt: skip
@pytest.mark.parametrize("text", ["What is the weather in Port Hale?", "Who was Tom Quell?"])
def test_ordinary_tools_and_schemas_pass(text: str, fields: dict[str, Any], rules: RuleSet) -> None:
    body = {"model": "m", "messages": [{"role": "user", "content": text}], **fields}
    (conversation,) = prepare(Route.CHAT, body, b"key").conversations
    assert screen(conversation, rules, encode).action == "allow"


def test_a_name_over_content_parts_is_refused(rules: RuleSet) -> None:
    parts = [{"type": "text", "text": text} for text in ("Who is Mira", "Qu", "ell", "?")]
    body = {"model": "m", "messages": [{"role": "user", "content": parts}]}
    (conversation,) = prepare(Route.CHAT, body, b"key").conversations
    assert screen(conversation, rules, encode).action == "refuse"
