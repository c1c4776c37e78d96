"""For any body: it is refused with an `InvalidRequest`, or every text in it is screened."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.errors import InvalidRequest
from gateway.openai.fields import BY_ROUTE, Handling, Route
from gateway.openai.prepare import prepare

WORDS = st.from_regex(r"\A[a-z]{6,9} [a-z]{6,9}\Z")
SCALARS = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | WORDS | st.text(max_size=8)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=8,
)
PART = st.one_of(
    WORDS,
    st.fixed_dictionaries({"type": st.just("text"), "text": WORDS}),
    st.fixed_dictionaries({"type": st.just("refusal"), "refusal": WORDS}),
    st.dictionaries(st.sampled_from(["type", "text", "image_url", "closed"]), JSON, max_size=3),
)
CALL = st.fixed_dictionaries(
    {"function": st.fixed_dictionaries({"name": WORDS, "arguments": WORDS | JSON})},
    optional={"id": WORDS, "type": st.just("function")},
)
MESSAGE = st.fixed_dictionaries(
    {"role": st.sampled_from(["system", "user", "assistant", "tool"])},
    optional={
        "content": WORDS | st.lists(PART, max_size=3) | JSON,
        "name": WORDS | JSON,
        "reasoning": WORDS | JSON,
        "tool_call_id": WORDS | JSON,
        "tool_calls": st.lists(CALL, max_size=2) | JSON,
        "annotations": JSON,
        "other": JSON,
    },
)
SCREENED = sorted(
    name for name, row in BY_ROUTE[Route.CHAT].items() if row.handling is Handling.SCREEN
)
BODY = st.fixed_dictionaries(
    {"model": st.just("m"), "messages": st.lists(MESSAGE, max_size=3)},
    optional={name: JSON for name in SCREENED if name != "messages"},
)


def words_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield from [value] if " " in value.strip() else []
    elif isinstance(value, list):
        for inner in value:
            yield from words_in(inner)
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from words_in(key)
            yield from words_in(inner)


@settings(max_examples=200)
@given(BODY)
def test_nothing_travels_unscreened(body: dict[str, Any]) -> None:
    try:
        prepared = prepare(Route.CHAT, body, b"key")
        travels = orjson.loads(prepared.upstream_body())
    except InvalidRequest:
        return
    said = "\n".join(m.text for c in prepared.conversations for m in c.messages)
    for name in SCREENED:
        for text in words_in(travels.get(name)):
            assert text in said


@settings(max_examples=200)
@given(
    st.sampled_from(Route),
    st.dictionaries(
        st.sampled_from(sorted({name for rows in BY_ROUTE.values() for name in rows}))
        | st.text(max_size=5),
        JSON,
        max_size=5,
    ),
)
def test_no_body_is_answered_with_anything_but_a_reason(route: Route, fields: Any) -> None:
    base = {"messages": [{"role": "user", "content": "x"}], "prompt": "x", "model": "m"}
    key = "messages" if route is Route.CHAT else "prompt"
    with suppress(InvalidRequest):
        prepare(route, {key: base[key], "model": "m", **fields}, b"key").upstream_body()
