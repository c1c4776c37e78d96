"""A fake vLLM that costs next to nothing: what benchmarks and tests put behind the gateway.

It answers /health, /v1/models, /tokenize and the two completion routes with canned bytes,
remembers what it was sent, and misbehaves on demand.
"""

from __future__ import annotations

import argparse
import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
import uvicorn
from starlette.types import Receive, Scope, Send

from steering.errors import NOT_HELD

_JSON = [(b"content-type", b"application/json")]
_EVENTS = [(b"content-type", b"text/event-stream; charset=utf-8")]
_REMEMBERED = 1_000

ANSWER = "This is a stub answer."


@dataclass(frozen=True, slots=True)
class Seen:
    """One completion request that arrived."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]


@dataclass(slots=True)
class Stub:
    """The ASGI application.

    `mode`, which `POST /control {"mode": …}` sets, is ok, error500, error400, not_held and
    not_held_stream (of what a steered request names), hang, malformed, break, no_done, slow or
    unhealthy. `chunks` content chunks make a stream; in mode "slow" `delay_s` passes before each.
    `sent` counts the blocks that left. `remember` false keeps benchmarks from parsing bodies:
    streams are then told by a substring.
    """

    model: str = "stub"
    chunks: int = 64
    delay_s: float = 0.05
    mode: str = "ok"
    remember: bool = True
    seen: deque[Seen] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))
    cancelled: int = 0
    sent: int = 0
    tokenized: int = 0
    tokenizer: bool = True
    context: int = 4096

    def __post_init__(self) -> None:
        words = [f"w{number}" for number in range(self.chunks - 1)]
        self._whole = {chat: whole(self.model, chat, ANSWER) for chat in (True, False)}
        self._events = {chat: events(self.model, chat, words) for chat in (True, False)}

    _whole: dict[bool, bytes] = field(init=False, repr=False)
    _events: dict[bool, list[bytes]] = field(init=False, repr=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        body = await _body(receive)
        if path in ("/v1/chat/completions", "/v1/completions"):
            await self._completion(scope, path, body, receive, send)
        elif path == "/health":
            await _reply(send, 503 if self.mode == "unhealthy" else 200, b"")
        elif path == "/v1/models":
            card = {"id": self.model, "object": "model", "owned_by": "vllm", "root": "/secret",
                    "max_model_len": self.context}  # fmt: skip
            await _reply(send, 200, orjson.dumps({"object": "list", "data": [card]}))
        elif path == "/tokenize" and self.tokenizer:
            await self._tokenize(body, send)
        elif path == "/control":
            for name, value in orjson.loads(body).items():
                setattr(self, name, value)
            await _reply(send, 200, b"{}")
        else:
            await _reply(send, 404, b'{"detail":"Not Found"}')

    async def _tokenize(self, body: bytes, send: Send) -> None:
        self.tokenized += 1
        asked = orjson.loads(body)
        texts = [asked["prompt"]] if "prompt" in asked else [
            message["content"] for message in asked["messages"]
        ]  # fmt: skip
        count = sum(len(str(text).split()) for text in texts)
        reply = {
            "count": count,
            "max_model_len": self.context,
            "tokens": [0] * count,
            "token_strs": None,
        }
        await _reply(send, 200, orjson.dumps(reply))

    async def _completion(
        self, scope: Scope, path: str, body: bytes, receive: Receive, send: Send
    ) -> None:
        if self.remember:
            fields = orjson.loads(body)
            headers = {name.decode(): value.decode() for name, value in scope["headers"]}
            self.seen.append(Seen(path, headers, fields))
            stream = bool(fields.get("stream"))
        else:
            stream = b'"stream":true' in body
        chat = path.startswith("/v1/chat")
        if self.mode == "error500":
            await _reply(send, 500, b"Traceback (most recent call last): secret")
        elif self.mode == "not_held_stream":
            told = orjson.dumps({"error": {"message": f"vectors {NOT_HELD}", "code": 400}})
            await _reply(send, 200, b"data: " + told + b"\n\ndata: [DONE]\n\n", _EVENTS)
        elif self.mode == "not_held":
            await _reply(send, 400, orjson.dumps({"error": {"message": f"vectors {NOT_HELD}"}}))
        elif self.mode == "error400":
            error = {"message": "bad temperature", "type": "BadRequestError",
                     "param": "temperature", "code": 400}  # fmt: skip
            await _reply(send, 400, orjson.dumps({"error": error}))
        elif self.mode == "malformed" and not stream:
            await _reply(send, 200, b'{"id": "chatcmpl-')
        elif self.mode == "hang":
            await self._wait(receive, 3_600)
        elif stream:
            await self._stream(self._events[chat], receive, send)
        elif self.mode == "slow" and await self._wait(receive, self.delay_s * self.chunks):
            return
        elif self.mode == "break":
            await _start(send, [*_JSON, (b"content-length", b"1000")])
            await send({"type": "http.response.body", "body": b"{", "more_body": True})
            raise ConnectionAbortedError
        else:
            await _reply(send, 200, self._whole[chat])

    async def _stream(self, events: list[bytes], receive: Receive, send: Send) -> None:
        await _start(send, _JSON if self.mode == "malformed" else _EVENTS)
        for number, block in enumerate(events):
            if self.mode == "slow" and await self._wait(receive, self.delay_s):
                return
            if self.mode == "break" and number == len(events) // 2:
                half = block[: len(block) // 2]
                await send({"type": "http.response.body", "body": half, "more_body": True})
                raise ConnectionAbortedError
            if self.mode == "no_done" and number == len(events) - 1:
                break
            await send({"type": "http.response.body", "body": block, "more_body": True})
            self.sent += 1
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _wait(self, receive: Receive, seconds: float) -> bool:
        """Wait; True, and counted, when the caller left before the time was over."""
        try:
            async with asyncio.timeout(seconds):
                while (await receive())["type"] != "http.disconnect":
                    pass
        except TimeoutError:
            return False
        self.cancelled += 1
        return True


def server(app: Any, port: int = 0) -> uvicorn.Server:
    """A quiet uvicorn on a loopback port, 0 for any free one."""
    config = uvicorn.Config(
        app, host="127.0.0.1", port=port, log_level="critical", access_log=False, lifespan="off"
    )
    return uvicorn.Server(config)


def _head(model: str, kind: str) -> dict[str, Any]:
    return {"id": "chatcmpl-stub", "object": kind, "created": 0, "model": model}


def whole(model: str, chat: bool, text: str) -> bytes:
    """A complete answer that says a text."""
    said: dict[str, Any] = (
        {"message": {"role": "assistant", "content": text}} if chat else {"text": text}
    )
    choice = {"index": 0, **said, "logprobs": None, "finish_reason": "stop"}
    usage = {"prompt_tokens": 4, "completion_tokens": 5, "total_tokens": 9}
    head = _head(model, "chat.completion" if chat else "text_completion")
    return orjson.dumps(
        {**head, "choices": [choice], "system_fingerprint": "stub-1", "usage": usage}
    )


def events(model: str, chat: bool, words: Sequence[str]) -> list[bytes]:
    """The events of a streamed answer, one for each word."""
    head = _head(model, "chat.completion.chunk" if chat else "text_completion")

    def block(text: str, finish: str | None = None, **delta: str) -> bytes:
        said: dict[str, Any] = {"delta": {**delta, "content": text}} if chat else {"text": text}
        choice = {"index": 0, **said, "logprobs": None, "finish_reason": finish}
        return b"data: " + orjson.dumps({**head, "choices": [choice]}) + b"\n\n"

    first = [block("", role="assistant")] if chat else []
    middle = [block(f" {word}") for word in words]
    return [*first, *middle, block("", "stop"), b"data: [DONE]\n\n"]


async def _body(receive: Receive) -> bytes:
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


async def _start(send: Send, headers: list[tuple[bytes, bytes]]) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": headers})


async def _reply(
    send: Send, status: int, body: bytes, kind: list[tuple[bytes, bytes]] = _JSON
) -> None:
    headers = [*kind, (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


def main() -> None:
    """Serve on loopback until the process is ended."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    server(Stub(remember=False), parser.parse_args().port).run()


if __name__ == "__main__":
    main()
