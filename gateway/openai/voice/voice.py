"""The voice of the served model where it is not asked, or not told whom it is asked about."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from gateway.openai.deps import Deps
from gateway.openai.judging import Judgement
from gateway.openai.prepare import Prepared
from gateway.openai.voice.asked import MOST, Asked
from gateway.openai.voice.keyed import digest, pick
from gateway.openai.voice.phrases import PHRASES
from gateway.openai.voice.refusals import asked_for, candidates, language_in
from guards import Conversation, Match

Length = Callable[[str, str], Awaitable[int]]
"""Tokens of a text for a model: model and text in."""


class Voice:
    """Finds what a refused request is answered: the same words for the same request."""

    def __init__(self, deps: Deps) -> None:
        self._deps = deps
        self._asked = Asked(deps) if deps.model_replies else None

    def key_of(self, prepared: Prepared) -> bytes:
        """A keyed digest of a request, the same for the same first prompt and seed."""
        key = digest(self._deps.wording_key, prepared.conversations[0])
        return hmac.digest(key, f"time:{prepared.options.seed}".encode(), "sha256")

    async def refusals(
        self, prepared: Prepared, judged: Judgement, length: Length
    ) -> Sequence[Sequence[str]]:
        """A text for each choice of each prompt, as long as the engine's would have to be."""
        matches = judged.matches or ((),) * len(prepared.conversations)
        pairs = zip(prepared.conversations, matches, strict=True)
        return [await self._of(prepared, judged, said, found, length) for said, found in pairs]

    async def _of(
        self,
        prepared: Prepared,
        judged: Judgement,
        conversation: Conversation,
        matches: Sequence[Match],
        length: Length,
    ) -> Sequence[str]:
        n, seed = prepared.options.n, prepared.options.seed
        key = digest(self._deps.wording_key, conversation)
        sayable = partial(self._deps.sayable, judged.ids)
        language = language_in(conversation)
        clause = asked_for(conversation, matches, language)
        if clause is not None and not sayable(clause):
            clause = None
        texts: Sequence[str] | None = None
        if self._asked is not None and n * len(prepared.conversations) <= MOST:
            own = hmac.digest(key, f"model:{seed}".encode(), "sha256")
            number = int.from_bytes(own[:4], "big") >> 1
            texts = await self._asked.replies(
                prepared.model,
                judged,
                clause=clause,
                language=language,
                seed=number,
                count=n,
                sayable=sayable,
            )
        if texts is None:
            known = candidates(clause, language)
            texts = [pick(known, key, seed, index) for index in range(n)]
        if not prepared.options.least:
            return texts
        longer = partial(self._longer, prepared, PHRASES[language].plain, key, length)
        return [await longer(text) for text in texts]

    async def _longer(
        self, prepared: Prepared, plain: Sequence[str], key: bytes, length: Length, text: str
    ) -> str:
        """The text with so many more sentences as an engine that may not end would say."""
        said, tokens = [text], await length(prepared.model, text)
        while tokens < prepared.options.least:
            said.append(pick(plain, key, None, len(said)))
            tokens += max(1, await length(prepared.model, said[-1]))
        return " ".join(said)
