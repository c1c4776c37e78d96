"""One reply in the making: the answers to the parts, and what is not known, in their order."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace

from gateway.openai.choices import Choice, choice_of, pieces_of
from gateway.openai.mixed.asking import Answered, Asking, Turns
from gateway.openai.mixed.plan import MOST_PARTS, Plan
from gateway.openai.options import Options


def whole(said: Sequence[str], finish: str) -> Choice:
    """All that was said as one choice; a model that ends by itself has said its end marker too."""
    return Choice(tuple(said), len(said) + (finish == "stop"), finish, None)


@dataclass(slots=True)
class Speaking:
    """Says a reply piece by piece; used once.

    `options` are those of the request, cut to the room that its prompt leaves. `count` tells the
    tokens of a text, `not_known` the sentence for the questions of some numbers. `request_id`
    begins those of the engine's requests.
    """

    plan: Plan
    asking: Asking
    options: Options
    count: Callable[[str], Awaitable[int]]
    not_known: Callable[[Sequence[int]], str]
    request_id: str
    _said: str = field(default="", init=False, repr=False)

    async def choices(self) -> AsyncGenerator[Choice, None]:
        """What is said next, with a `finish_reason` as if it were the last; raises `ApiError`.

        One that ends by "length" is the last.
        """
        async with aclosing(self._texts()) as texts:
            async for said in texts:
                joint = "\n\n" if self.plan.lines or "\n" in self._said else " "
                text = joint + said.text if self._said else said.text
                self._said += text
                choice = choice_of(pieces_of(text, await self.count(text)), self.options)
                yield replace(choice, finish_reason="length") if said.cut else choice
                if said.cut or choice.finish_reason == "length":
                    return
                if self.options.max_tokens is not None:
                    left = self.options.max_tokens - len(choice.pieces)
                    self.options = replace(self.options, max_tokens=left)

    async def _texts(self) -> AsyncGenerator[Answered, None]:
        """The answers and what is not known, in order."""
        unsaid = True
        first = min(self.plan.unknown, default=MOST_PARTS)
        turns: Turns = ()
        lost = False
        for step, part in enumerate(self.plan.parts):
            if unsaid and part.number > first:
                unsaid = False
                yield Answered(self.not_known(self.plan.unknown))
            if not part.goes_on:
                turns, lost = (), False
            turns = (*turns, {"role": "user", "content": part.text})
            # What goes on with something that is not told cannot be told either.
            answered = None if lost else await self._asked(turns, f"{self.request_id}-{step}")
            if answered is None:
                lost = True
                yield Answered(self.not_known((part.number,)))
                continue
            turns = (*turns, {"role": "assistant", "content": answered.text})
            if answered.text:
                yield answered
        if unsaid:
            yield Answered(self.not_known(self.plan.unknown))

    async def _asked(self, turns: Turns, request_id: str) -> Answered | None:
        travelling = self.asking.travelling(turns, self.options.max_tokens)
        if not await self.asking.clear(travelling):
            return None
        return await self.asking.ask(travelling, request_id)
