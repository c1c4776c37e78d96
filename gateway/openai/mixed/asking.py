"""One part put to the engine, and its answer looked at before anybody reads it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import orjson

from gateway.openai.conversation import conversation_of
from gateway.openai.deps import Deps
from gateway.openai.judging import Judge, Judgement
from gateway.openai.leaving import Leaving
from gateway.openai.prepare import Prepared
from gateway.upstream import malformed

Turns = tuple[dict[str, Any], ...]
"""Messages that stand in place of the client's last one."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What is said to a part, and whether the engine had to stop at the limit of tokens."""

    text: str = field(repr=False)
    cut: bool = False


class Asking:
    """Asks the engine about parts of one request, which was `judged` as a whole."""

    def __init__(self, deps: Deps, judge: Judge, prepared: Prepared, judged: Judgement) -> None:
        self._deps = deps
        self._judge = judge
        self._prepared = prepared
        self._judged = judged

    def travelling(self, turns: Turns, limit: int | None = None) -> Prepared:
        """The request as it travels for these turns; of a limited one `limit` tokens are left."""
        prepared, options = self._prepared, self._prepared.options
        left_out = ("stream", "stream_options")
        body = {name: value for name, value in prepared.body.items() if name not in left_out}
        body["messages"] = [*body["messages"][:-1], *turns]
        if limit is not None and options.max_tokens is not None:
            body[options.max_tokens_field] = limit
        options = replace(options, stream=False)
        return replace(prepared, body=body, conversations=(conversation_of(body),), options=options)

    async def clear(self, travelling: Prepared) -> bool:
        """Whether it may travel: judged by itself, as if the client had sent it so."""
        verdict = await self._judge.verdict(travelling.conversations[0])
        return verdict is not None and verdict.action == "allow"

    async def ask(self, travelling: Prepared, request_id: str) -> Answered | None:
        """The engine's answer, None where it would tell something; raises `ApiError`."""
        part = replace(self._judged, said=travelling.conversations[0].messages[-1].text)
        leaving = Leaving(self._deps, travelling, part)
        reply = await self._deps.pool.send(
            f"/v1/{travelling.route}", travelling.model, travelling.upstream_body(), request_id
        )
        reply = await leaving.whole(reply)
        if leaving.leaked:
            return None
        try:
            choice = orjson.loads(reply)["choices"][0]
            text = (choice["message"]["content"] or "").strip()
            return Answered(text, choice["finish_reason"] == "length")
        except (LookupError, TypeError, AttributeError):
            raise malformed() from None
