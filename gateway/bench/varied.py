"""A stub whose answers are as short as refusals and vary in speed, as a model's do.

Each begins later than its tokens follow one another, and both differ from answer to answer and
from token to token.
"""

from __future__ import annotations

import argparse
import asyncio
import random

import orjson
from starlette.types import Receive, Scope, Send

from gateway.bench.stub import Stub, server
from gateway.openai.voice.phrases import DEFAULT, PHRASES

_LENGTHS = tuple(len(text.split()) for text in PHRASES[DEFAULT].plain)
"""As the stub's tokenizer counts a refusal."""
_HEAD_S, _FIRST_S, _TOKEN_S = 0.01, 0.08, 0.012
_SPREAD, _JITTER = 0.35, 0.2


class Varied(Stub):
    """Answers after a while, one token after the other."""

    async def _completion(
        self, scope: Scope, path: str, body: bytes, receive: Receive, send: Send
    ) -> None:
        chat, tokens = path.startswith("/v1/chat"), 1 + random.choice(_LENGTHS)
        first = _FIRST_S * random.lognormvariate(0, _SPREAD)
        pace = _TOKEN_S * random.lognormvariate(0, _SPREAD)
        gaps = [pace * random.lognormvariate(0, _JITTER) for _ in range(tokens - 1)]
        await asyncio.sleep(_HEAD_S * random.lognormvariate(0, _SPREAD))
        if orjson.loads(body).get("stream"):
            role, said, *events, done = Stub(self.model, tokens)._events[chat]
            events[-1] += done  # as vLLM does, and the role with the first token
            await _sent(send, b"text/event-stream", [role + said, *events], [first, *gaps])
        else:
            await asyncio.sleep(first + sum(gaps))
            told = b'"completion_tokens":%d' % tokens
            whole = self._whole[chat].replace(b'"completion_tokens":5', told)
            await _sent(send, b"application/json", [whole], [0.0])


async def _sent(send: Send, kind: bytes, blocks: list[bytes], waits: list[float]) -> None:
    headers = [(b"content-type", kind)]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    for block, wait in zip(blocks, waits, strict=True):
        await asyncio.sleep(wait)
        await send({"type": "http.response.body", "body": block, "more_body": True})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


def main() -> None:
    """Serve on loopback until the process is ended."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    server(Varied(remember=False), parser.parse_args().port).run()


if __name__ == "__main__":
    main()
