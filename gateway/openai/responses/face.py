"""One Responses request on its way through the chat route, there and back."""

from __future__ import annotations

import time
import uuid
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from typing import Any

import orjson
from fastapi import Request
from starlette.responses import Response

from gateway.errors import ApiError
from gateway.http import error_response, json_response
from gateway.openai.answers import EventAnswer, json_answer
from gateway.openai.completions import Completions
from gateway.openai.fields import Route
from gateway.openai.responses.events import Event, ResponseEvents
from gateway.openai.responses.params import renamed
from gateway.openai.responses.reply import UNREADABLE, Frame, reply_of
from gateway.openai.responses.request import Translated, translate
from gateway.openai.sse import contents, event
from gateway.upstream.errors import malformed


async def respond(completions: Completions, request: Request) -> Response:
    """The answer to a Responses request: that of the chat which asks the same."""
    tail, created = uuid.uuid4().hex, int(time.time())
    translated: list[Translated] = []

    def chat(body: Any) -> Any:
        translated.append(translate(body))
        return translated[0].chat

    answer = await completions.answer(Route.CHAT, request, chat)
    if not translated:
        return answer  # an error: the request has not become a chat
    asked = translated[0]
    if answer.status_code != 200:
        return _error(answer, asked)
    frame = Frame(asked.asked, tail, created)
    if isinstance(answer, EventAnswer):
        return answer.through(lambda blocks: _events(blocks, ResponseEvents(frame)))
    try:
        reply = reply_of(frame, orjson.loads(answer.body))
    except ApiError as error:
        return error_response(error)
    return json_answer(orjson.dumps(reply), answer.headers["x-request-id"])


def _error(answer: Response, asked: Translated) -> Response:
    """An error of the chat, by the names of the fields that the client sent."""
    if not answer.body:
        return answer  # nobody is there to read it
    content = orjson.loads(answer.body)
    told = content["error"]
    if told["param"]:
        told["message"], told["param"] = renamed(told["message"], told["param"], asked.origins)
    return json_response(content, answer.status_code)


async def _events(
    blocks: AsyncGenerator[bytes, None], response: ResponseEvents
) -> AsyncGenerator[bytes, None]:
    """The events of a response for each block of a chat's events, as they come."""
    async with aclosing(blocks):
        opening = _written(response.begin())  # goes with the first block: no timing of our own
        async for block in blocks:
            written = b"".join(_fed(response, chunk) for chunk in contents(block))
            if opening or written:
                yield opening + written
            opening = b""
        if ending := _written(response.end()):
            yield opening + ending


def _fed(response: ResponseEvents, chunk: Event) -> bytes:
    """What a chunk adds; one that cannot be read ends the response."""
    try:
        return _written(response.feed(chunk))
    except UNREADABLE:
        return _written(response.feed(malformed().body()))


def _written(events: Iterable[Event]) -> bytes:
    return b"".join(event(content, content["type"]) for content in events)
