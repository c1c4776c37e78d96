"""Upstream failures become errors in OpenAI's shape, every kind of them."""

from __future__ import annotations

from typing import Any

import aiohttp
import orjson
import pytest

from gateway.errors import (
    ApiError,
    InvalidRequest,
    NotFound,
    NotReady,
    TooLarge,
    UpstreamFailed,
    UpstreamTimeout,
)
from gateway.upstream import Endpoint, UpstreamPool
from gateway.upstream.errors import from_exception, from_reply, over_length
from gateway.upstream.tokens import estimate, payloads


@pytest.mark.parametrize(
    ("status", "kind", "answered"),
    [
        (400, InvalidRequest, 400), (404, NotFound, 404), (413, TooLarge, 413),
        (422, InvalidRequest, 422), (401, UpstreamFailed, 502), (403, UpstreamFailed, 502),
        (301, UpstreamFailed, 502), (204, UpstreamFailed, 502), (500, UpstreamFailed, 502),
        (502, UpstreamFailed, 502), (429, NotReady, 503), (503, NotReady, 503),
    ],
)  # fmt: skip
@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"detail": "x"}', b'{"error": "x"}'])
def test_every_status_has_its_error(
    status: int, kind: type[ApiError], answered: int, body: bytes
) -> None:
    error = from_reply(status, body)
    assert type(error) is kind
    assert error.status == answered
    assert error.message


@pytest.mark.parametrize("wrapped", [True, False])
def test_a_message_of_the_engine_is_passed_on(wrapped: bool) -> None:
    told = {"message": "too hot", "type": "BadRequestError", "param": "temperature", "code": 400}
    error = from_reply(400, orjson.dumps({"error": told} if wrapped else told))
    assert error.body()["error"] == {
        "message": "too hot",
        "type": "invalid_request_error",
        "param": "temperature",
        "code": None,
    }
    assert len(from_reply(400, orjson.dumps({"message": "x" * 9_999})).message) == 2_000


@pytest.mark.parametrize(
    "message",
    [
        "This model's maximum context length is 40 tokens. However, your prompt contains 41 input",
        "max_tokens must be at least 1, got 0. (parameter=max_tokens, value=0)",
    ],
)
def test_a_prompt_that_is_too_long_is_told_in_one_way(message: str) -> None:
    error = from_reply(400, orjson.dumps({"error": {"message": message, "param": "x"}}))
    assert error.body() == over_length().body()
    assert error.code == "context_length_exceeded"


def test_the_smallest_context_counts() -> None:
    pool = UpstreamPool(["http://a", "http://b", "http://c"])
    assert pool.context("m") is None
    for endpoint, limit in zip(pool.endpoints, (200, 100, "x"), strict=True):
        endpoint.came_up({"m": {"id": "m", "max_model_len": limit}})
    assert pool.context("m") == 100


@pytest.mark.parametrize(
    ("raised", "kind"),
    [
        (TimeoutError("secret"), UpstreamTimeout),
        (aiohttp.ServerTimeoutError("secret"), UpstreamTimeout),
        (aiohttp.ServerDisconnectedError("secret"), UpstreamFailed),
        (aiohttp.ClientPayloadError("secret"), UpstreamFailed),
        (aiohttp.ClientOSError("secret"), UpstreamFailed),
        (ConnectionResetError("secret"), UpstreamFailed),
        (NotReady("known"), NotReady),
    ],
)
def test_every_exception_has_its_error(raised: Exception, kind: type[ApiError]) -> None:
    error = from_exception(raised)
    assert type(error) is kind
    assert "secret" not in error.message


def test_one_late_answer_is_no_illness_but_two_are() -> None:
    endpoint = Endpoint("http://a")
    endpoint.came_up({"m": {"id": "m"}})
    endpoint.faltered()
    assert endpoint.healthy
    endpoint.faltered()
    assert not endpoint.healthy
    assert endpoint.model == "m", "it is still known what will come back"


def test_choosing_an_endpoint() -> None:
    pool = UpstreamPool(["http://a", "http://b"])
    first, second = pool.endpoints
    with pytest.raises(NotReady):
        pool.choose("m")
    first.came_up({"m": {"id": "m"}})
    second.came_up({"m": {"id": "m"}, "n": {"id": "n"}})
    first.outstanding = 1
    assert pool.choose("m") is second
    assert pool.choose("m", beside=second) is first
    assert [card["id"] for card in pool.models()] == ["m", "n"]
    with pytest.raises(NotFound):
        pool.choose("absent")
    second.went_down()
    with pytest.raises(NotReady):
        pool.choose("n")


@pytest.mark.parametrize(
    ("body", "asked"),
    [
        ({"prompt": "a"}, [{"model": "m", "prompt": "a", "add_special_tokens": True}]),
        (
            {"prompt": ["a", "b"], "add_special_tokens": False},
            [
                {"model": "m", "prompt": "a", "add_special_tokens": False},
                {"model": "m", "prompt": "b", "add_special_tokens": False},
            ],
        ),
        (
            {"messages": [1], "tools": [2], "temperature": 1},
            [{"model": "m", "messages": [1], "tools": [2]}],
        ),
    ],
)
def test_what_the_tokenizer_is_asked(body: dict[str, Any], asked: list[dict[str, Any]]) -> None:
    assert list(payloads("m", body)) == asked


def test_a_guess_is_at_least_one() -> None:
    assert estimate({}) == 1
    assert estimate({"messages": [{"role": "user", "content": "x" * 396}]}) == 100
