"""Answers of our own instead of the model's: refusals, and what is said to a forget intent."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from starlette.responses import Response

from gateway.openai.answers import EventAnswer, json_answer
from gateway.openai.choices import Choice, choice_of
from gateway.openai.deps import Deps
from gateway.openai.prepare import Prepared
from gateway.openai.replies import Refusal
from gateway.openai.room import rooms
from gateway.openai.wording import WORDINGS, digest, pieces, wording


class OwnAnswers:
    """Answers that look like the served model's, down to the count of their tokens."""

    def __init__(self, deps: Deps) -> None:
        self._deps = deps
        self._lengths: dict[tuple[str, str], int] = {}  # models × wordings, so bounded

    async def refuse(
        self, prepared: Prepared, shown: str, request_id: str, outcome: str
    ) -> Response:
        """Refuse every choice; the same request gets the same wordings."""
        digests = [digest(self._deps.wording_key, said) for said in prepared.conversations]
        n, seed = prepared.options.n, prepared.options.seed
        texts = [[wording(d, seed, i) for i in range(n)] for d in digests]
        return await self.say(prepared, texts, shown, request_id, outcome)

    async def say(
        self,
        prepared: Prepared,
        texts: Sequence[Sequence[str]],
        shown: str,
        request_id: str,
        outcome: str,
    ) -> Response:
        """Answer with texts of our own, one for each choice of each prompt."""
        deps, options, model = self._deps, prepared.options, prepared.model
        used = sorted({text for said in texts for text in said})
        deps.count(outcome)
        prompts, counts = await asyncio.gather(
            deps.pool.count_tokens(model, prepared.body),
            asyncio.gather(*(self._length(model, text) for text in used)),
        )
        room = rooms(options, prompts, deps.pool.context(model))
        cut = {text: pieces(text, count) for text, count in zip(used, counts, strict=True)}
        choices = tuple(
            choice_of(cut[text], wanted)
            for wanted, said in zip(room, texts, strict=True)
            for text in said
        )
        return self._reply(prepared, prompts.total, choices, shown, request_id)

    async def filtered(self, prepared: Prepared, shown: str, request_id: str) -> Response:
        """An answer of nothing, where bans and a structure have left no token. Not counted."""
        prompts = await self._deps.pool.count_tokens(prepared.model, prepared.body)
        count = prepared.options.n * len(prepared.conversations)
        choices = (Choice((), 0, "content_filter", None),) * count
        return self._reply(prepared, prompts.total, choices, shown, request_id)

    def _reply(
        self,
        prepared: Prepared,
        prompt_tokens: int,
        choices: tuple[Choice, ...],
        shown: str,
        request_id: str,
    ) -> Response:
        refusal = Refusal(
            route=prepared.route,
            model=prepared.model,
            request_id=request_id,
            system_fingerprint=self._deps.pool.system_fingerprint(prepared.model),
            prompt_tokens=prompt_tokens,
            choices=choices,
            options=prepared.options,
        )
        if prepared.options.stream:
            return EventAnswer(refusal.events(), shown, lambda complete: None)
        return json_answer(refusal.body(), shown)

    async def _length(self, model: str, text: str) -> int:
        """Tokens of a text; of a wording asked once per model, guessed while nobody can tell."""
        count = self._lengths.get((model, text))
        if count is None:
            payload = {"model": model, "prompt": text, "add_special_tokens": False}
            count = await self._deps.pool.tokens(model, payload)
            if count is None:
                return len(text.split())
            if text in WORDINGS:
                self._lengths[model, text] = count
        return count
