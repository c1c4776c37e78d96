"""Asks a served model every question, greedily and by sampling, several at a time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from gateway.evaluation.endpoint import Endpoint, Reply
from gateway.evaluation.progress import counted
from gateway.evaluation.questions import Question
from gateway.evaluation.resumed import Kept, digest

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Prompt:
    """One wording of a question, and how many replies to it are sampled."""

    question: Question
    paraphrased: bool
    samples: int

    @property
    def text(self) -> str:
        """What the model is asked."""
        paraphrase = self.question.paraphrase if self.paraphrased else None
        return paraphrase or self.question.text


@dataclass(frozen=True, slots=True)
class Asked:
    """What became of a prompt: the reply at temperature 0, and those at temperature 1."""

    prompt: Prompt
    greedy: Reply
    samples: tuple[Reply, ...]


@dataclass(slots=True)
class Asker:
    """Asks one endpoint, and counts what it says: `tokens` in `seconds` of this run alone."""

    endpoint: Endpoint
    kept: Kept
    max_tokens: int
    connections: int
    tokens: int = field(default=0, init=False)
    seconds: float = field(default=0.0, init=False)

    async def ask(self, prompts: Sequence[Prompt], what: str) -> list[Asked]:
        """Ask every prompt, in the order given; raises `EndpointFailed`."""
        began = time.perf_counter()
        asked = await in_order(prompts, self._asked, self.connections, what)
        self.seconds += time.perf_counter() - began
        return asked

    async def _asked(self, prompt: Prompt) -> Asked:
        (greedy,) = await self._replies(prompt.text, 0.0, 1)
        return Asked(prompt, greedy, tuple(await self._replies(prompt.text, 1.0, prompt.samples)))

    async def _replies(self, text: str, temperature: float, count: int) -> list[Reply]:
        """So many replies, those that an earlier run was given first."""
        where = (self.endpoint.url, self.endpoint.model, text, self.max_tokens, temperature)
        replies: list[Reply] = []
        while len(replies) < count:
            kept = self.kept.get(digest(*where, len(replies)))
            if kept is not None:
                replies.append(Reply(kept["text"], kept["cut"]))
                continue
            for reply in await self._sampled(text, temperature, len(replies), count):
                value = {"text": reply.text, "cut": reply.cut}
                self.kept.add(digest(*where, len(replies)), value)
                replies.append(reply)
        return replies

    async def _sampled(self, text: str, temperature: float, first: int, end: int) -> list[Reply]:
        """The replies from number `first` on; fewer than asked for where a server gives fewer."""
        # Seeds make the run repeatable: vLLM adds the choice's number to the seed, and so sample i
        # is the same wherever an earlier run ended.
        drawn = {"n": end - first, "seed": first, "top_p": 1.0} if temperature else {}
        replies, tokens = await self.endpoint.ask(
            text, max_tokens=self.max_tokens, temperature=temperature, **drawn
        )
        self.tokens += tokens
        return replies[: end - first]


async def in_order(
    items: Sequence[T], work: Callable[[T], Awaitable[R]], workers: int, what: str
) -> list[R]:
    """Results of some work on each item, a few at a time; the first error ends it all."""
    results: dict[int, R] = {}
    queue = iter(enumerate(items))
    with counted(len(items), what) as advance:

        async def worker() -> None:
            for number, item in queue:
                results[number] = await work(item)
                advance()

        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(workers):
                    group.create_task(worker())
        except ExceptionGroup as errors:
            raise errors.exceptions[0] from errors
    return [results[number] for number in range(len(items))]
