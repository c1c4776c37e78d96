"""An engine that says random things, and sends what no engine would."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

import orjson

from tests.integration.openai.scripted import HEAD

PIECES = (
    "It is ", " Operation", " Night", " Heron", " Op", "eration Night Her", "on", ".", "\n", "x",
    " Operation Night Heron", "\u00ad", "{", '"', "", "**", " \\u004eight", "Night Heron", " Hero",
)  # fmt: skip
_ODD: tuple[Any, ...] = (None, 0, -1, True, 1.5, "x", [], {}, [None], [[]], {"a": {}}, "Heron")
_BROKEN = (
    b"data: [DONE]\n\n", b": x\n\n", b"data: {no\n\n", b"\n", b"data: \xff\n\n", b"x\r\r",
    b'data: {"error":{"message":"Operation Night Heron"}}\n\n', b"event: a\ndata: {}\n\n",
)  # fmt: skip
_DONE = b"data: [DONE]\n\n"


class Engine:
    """Says random things of some pieces; `odd` is how likely it sends what no engine would."""

    def __init__(self, seed: int, odd: float, pieces: Sequence[str] = PIECES) -> None:
        self._random = Random(seed)
        self._odd = odd
        self._pieces = pieces

    def events(self, n: int, *, chat: bool) -> list[bytes]:
        """A streamed reply of `n` choices."""
        found = []
        for _ in range(self._random.randint(1, 12)):
            if self._chance(self._odd / 2):
                found.append(self._random.choice(_BROKEN))
                continue
            count = self._random.choice((1, 1, 2))
            choices = [self._piece(self._random.randrange(n), chat) for _ in range(count)]
            content = {**HEAD, "choices": self._some(choices)}
            found.append(b"data: %b\n\n" % orjson.dumps(content))
        return [*found, _DONE]

    def whole(self, n: int, *, chat: bool) -> bytes:
        """A reply of `n` choices in one piece."""
        choices = [self._choice(index, "message" if chat else "text", "stop") for index in range(n)]
        usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
        return orjson.dumps(
            {**HEAD, "choices": self._some(choices), "usage": self._some(usage), "x": self._text()}
        )

    def _piece(self, index: int, chat: bool) -> dict[str, Any]:
        finish = self._random.choice((None, None, None, "stop"))
        return self._choice(self._some(index), "delta" if chat else "text", finish)

    def _choice(self, index: Any, told: str, finish: str | None) -> dict[str, Any]:
        said = self._text() if told == "text" else self._message()
        # Of the first pieces none is all of it, as no token would be.
        token = self._random.choice(self._pieces[:4])
        entry = {"token": self._some(token), "logprob": -1.0, "top_logprobs": []}
        logprobs = self._random.choice((None, {"content": [self._some(entry)]}))
        unknown = {self._text(): self._some(self._text())} if self._chance(self._odd) else {}
        around = {"logprobs": self._some(logprobs), "finish_reason": finish}
        return {"index": index, told: self._some(said), **around, **unknown}

    def _message(self) -> dict[str, Any]:
        function = {"name": self._some("look"), "arguments": self._some(self._text())}
        call = {"index": self._some(0), "id": self._some("c1"), "function": self._some(function)}
        fields = {
            "role": "assistant",
            "content": self._text(),
            "reasoning": self._text(),
            "refusal": None,
            "tool_calls": [self._some(call)],
            "notes": [{self._text(): self._text()}],
        }
        names = self._random.sample(sorted(fields), self._random.randint(0, 3))
        return {name: self._some(fields[name]) for name in names}

    def _text(self) -> str:
        return "".join(self._random.choices(self._pieces, k=self._random.randint(0, 4)))

    def _some(self, value: Any) -> Any:
        return self._random.choice(_ODD) if self._chance(self._odd) else value

    def _chance(self, share: float) -> bool:
        return self._random.random() < share
