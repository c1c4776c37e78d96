"""Answers of our own instead of the model's: refusals, and what is said to a forget intent."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, MutableMapping, Sequence
from functools import partial

from cachetools import LRUCache
from starlette.responses import Response
from starlette.types import Receive

from gateway.errors import ApiError
from gateway.openai.answers import EventAnswer, json_answer
from gateway.openai.choices import Choice, choice_of, pieces_of
from gateway.openai.deps import Deps
from gateway.openai.judging import Judgement
from gateway.openai.pace import Pace
from gateway.openai.prepare import Prepared
from gateway.openai.presence import ClientPresence
from gateway.openai.replies import Refusal
from gateway.openai.room import rooms
from gateway.openai.tally import Tally
from gateway.openai.voice import Voice, is_own

_LENGTHS = 16_384
"""Texts whose tokens are remembered, each for one model."""


class OwnAnswers:
    """Answers that look like the served model's, down to the count of their tokens."""

    def __init__(self, deps: Deps) -> None:
        self._deps = deps
        self._voice = Voice(deps)
        self._lengths: MutableMapping[tuple[str, str], int] = LRUCache(_LENGTHS)
        deps.cached("lengths", self._lengths)

    async def refuse(
        self, prepared: Prepared, judged: Judgement, receive: Receive, shown: str, request_id: str
    ) -> Response:
        """Refuse every choice; the same request gets the same wordings.

        Raises `ClientGone` where the client leaves while a refusal is delayed.
        """
        outcome = judged.outcome
        pace = self._deps.pacing.pace(prepared, self._voice.key_of(prepared))
        texts = await self._voice.refusals(prepared, judged, self.length)
        count = Tally(self._deps, judged)
        refusal = await self._counted(prepared, texts, request_id, partial(count, outcome))
        if pace is not None:
            async with ClientPresence(receive):
                if prepared.options.stream:
                    await pace.opened()
                else:
                    await pace.whole(max(choice.tokens for choice in refusal.choices))
        return self._answer(refusal, shown, count, outcome, pace)

    async def say(
        self, prepared: Prepared, text: str, shown: str, request_id: str, outcome: str
    ) -> Response:
        """Answer a chat with a text of our own, the same in every choice."""
        texts = [[text] * prepared.options.n]
        count = Tally(self._deps)
        refusal = await self._counted(prepared, texts, request_id, partial(count, outcome))
        return self._answer(refusal, shown, count, outcome)

    async def filtered(self, prepared: Prepared, shown: str, request_id: str) -> Response:
        """An answer of nothing, where bans and a structure have left no token. Not counted."""
        prompts = await self._deps.pool.count_tokens(prepared.model, prepared.body)
        count = prepared.options.n * len(prepared.conversations)
        choices = (Choice((), 0, "content_filter", None),) * count
        return self._answer(self._reply(prepared, prompts.total, choices, request_id), shown)

    def spoken(
        self,
        prepared: Prepared,
        prompt_tokens: int,
        choice: Choice,
        shown: str,
        request_id: str,
        *,
        count: Tally,
    ) -> Response:
        """A whole reply whose one choice was made elsewhere."""
        reply = self._reply(prepared, prompt_tokens, (choice,), request_id)
        return self._answer(reply, shown, count)

    async def _counted(
        self,
        prepared: Prepared,
        texts: Sequence[Sequence[str]],
        request_id: str,
        count: Callable[[], None],
    ) -> Refusal:
        """The reply with its tokens counted; raises what the engine would have said instead.

        The request has come to its end then, and `count` is called.
        """
        deps, options, model = self._deps, prepared.options, prepared.model
        used = sorted({text for said in texts for text in said})
        try:
            prompts, counts = await asyncio.gather(
                deps.pool.count_tokens(model, prepared.body),
                asyncio.gather(*(self.length(model, text) for text in used)),
            )
            room = rooms(options, prompts, deps.pool.context(model))
        except ApiError:
            count()
            raise
        cut = {text: pieces_of(text, tokens) for text, tokens in zip(used, counts, strict=True)}
        choices = tuple(
            choice_of(cut[text], wanted)
            for wanted, said in zip(room, texts, strict=True)
            for text in said
        )
        return self._reply(prepared, prompts.total, choices, request_id)

    def _reply(
        self, prepared: Prepared, prompt_tokens: int, choices: tuple[Choice, ...], request_id: str
    ) -> Refusal:
        return Refusal(
            route=prepared.route,
            model=prepared.model,
            request_id=request_id,
            system_fingerprint=self._deps.pool.system_fingerprint(prepared.model),
            prompt_tokens=prompt_tokens,
            choices=choices,
            options=prepared.options,
            key=self._voice.key_of(prepared) if prepared.options.logprobs else b"",
        )

    def _answer(
        self,
        refusal: Refusal,
        shown: str,
        count: Tally | None = None,
        outcome: str = "enforced",
        pace: Pace | None = None,
    ) -> Response:
        """The reply as it leaves, counted once it has."""

        def ended(complete: bool) -> None:
            if count is not None:
                count(outcome if complete else "aborted")

        if refusal.options.stream:
            events = refusal.events()
            return EventAnswer(pace.streamed(events) if pace else events, shown, ended)
        ended(True)
        return json_answer(refusal.body(), shown)

    async def length(self, model: str, text: str) -> int:
        """Tokens of a text; of our own asked once per model, guessed while nobody can tell."""
        count = self._lengths.get((model, text))
        if count is None:
            count = await self._deps.pool.tokens(model, text)
            if count is None:
                return len(text.split())
            if is_own(text):  # not what names somebody
                self._lengths[model, text] = count
        return count
