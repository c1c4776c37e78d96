"""Traces on their way from a chat to the registry: sampled, cut to a bound, sealed there."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

import orjson

from gateway.registry.traces import TraceStore

_WAITING = 256
"""Traces that wait at most; the oldest are dropped while the store is away."""
_CHARACTERS = 32_000
"""Of the conversations of a trace, counted from the last message on."""

Keep = Callable[[Mapping[str, Any]], None]


class Traces:
    """Picks requests at random, and keeps what was handed over for `hours`."""

    def __init__(
        self,
        store: TraceStore,
        sample: float,
        hours: int,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._store = store
        self._sample = sample
        self._hours = hours
        self._chance = chance
        self._waiting: deque[bytes] = deque(maxlen=_WAITING)

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What an operator should know, in sentences."""
        if not self._sample:
            return ()
        return (
            f"PROMPTS ARE KEPT: of {self._sample:.2%} of the chats that are enforced, for "
            f"{self._hours} hours (LETHE_TRACE_SAMPLE). Auditors can read them.",
        )

    def pick(self) -> Keep | None:
        """What a request is handed to that is to be kept; None for all others."""
        return self._keep if self._sample and self._chance() < self._sample else None

    async def flush(self) -> None:
        """Hand over what waits; raises as `Registry` does, and keeps it then."""
        while self._waiting:
            await self._store.keep(self._waiting[0], self._hours * 3_600)
            self._waiting.popleft()

    def _keep(self, content: Mapping[str, Any]) -> None:
        self._waiting.append(orjson.dumps(cut(content)))


def cut(content: Mapping[str, Any]) -> dict[str, Any]:
    """The same with so much of its conversations, from the end, as is kept; `cut` says so."""
    left, whole = _CHARACTERS, True
    conversations = []
    for conversation in content["conversations"]:
        messages: deque[dict[str, str]] = deque()
        for message in reversed(conversation):
            text = message["content"]
            whole = whole and len(text) <= left
            if not left:
                break
            messages.appendleft({**message, "content": text[-left:]})
            left -= min(left, len(text))
        conversations.append(list(messages))
    return {**content, "conversations": conversations, "cut": not whole}
