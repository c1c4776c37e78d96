"""Refusals in the served model's own words: it is asked to say that it does not know.

It is told a question without whom it asks about, and never anything that was filed.
"""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import Callable
from typing import Any

import orjson

from gateway.errors import ApiError
from gateway.openai.deps import Deps
from gateway.openai.fields import Route
from gateway.openai.judging import Judgement
from gateway.openai.prepare import prepare
from gateway.openai.voice.language import language_of
from gateway.openai.voice.phrases import PHRASES

MOST = 8
"""Choices of one request up to which the model is asked."""
_PATIENCE_S = 2.0
_TOKENS = 40
_LONGEST = 200
_ASK = "In one short sentence and in {language}, say that you do not know {what}. Say nothing else."
_WHAT = "the answer to what you were asked"
_SENTENCE = re.compile(r"[^\n\d\"“„?？]+[.!。！]")
_TELLING = re.compile(
    r"polic|privac|request|forg[eo]t|remov|allow|permi|block|filter|restrict|law|instruct|"
    r"datenschutz|vergess|erlaub|anweis|as an ai|language model|sprachmodell",
    re.IGNORECASE,
)
"""What would hint at a reason for not knowing."""


class Asked:
    """Asks the served model, under intervention where an engine can act."""

    def __init__(self, deps: Deps) -> None:
        self._deps = deps

    async def replies(
        self,
        model: str,
        judged: Judgement,
        *,
        clause: str | None,
        language: str,
        seed: int,
        count: int,
        sayable: Callable[[str], bool],
    ) -> list[str] | None:
        """So many replies; None where it does not answer in time, or with what may not be said.

        `clause` is what is asked for, where it is understood.
        """
        asked = f"this: “{clause}”" if clause else _WHAT
        ask = _ASK.format(language=PHRASES[language].name, what=asked)
        body = {
            "model": model,
            "messages": [{"role": "user", "content": ask}],
            "max_tokens": _TOKENS,
            "n": count,
            "seed": seed,
        }
        try:
            async with asyncio.timeout(_PATIENCE_S):
                reply = await self._sent(model, body, judged)
        except (ApiError, TimeoutError):
            return None
        texts = [_said(choice) for choice in orjson.loads(reply).get("choices") or ()]
        good = [text for text in texts if _fits(text, language) and sayable(text)]
        return good if len(good) == count else None

    async def _sent(self, model: str, body: dict[str, Any], judged: Judgement) -> bytes:
        deps = self._deps
        steer = deps.steer if judged.ids else None  # without a verdict there is nothing to act on
        steered = await steer(model, judged.ids, judged.said) if steer else None
        prepared = prepare(Route.CHAT, body, deps.salt_key)
        if steered is None:
            written, endpoint = prepared.upstream_body(), None
        else:
            written = prepared.steered_body(steered.intervention, deps.salt_key)
            endpoint = steered.endpoint
        path = f"/v1/{Route.CHAT}"
        return await deps.pool.send(path, model, written, uuid.uuid4().hex, endpoint)


def _said(choice: Any) -> str:
    """The text of a choice that came to its end, "" of any other."""
    message = choice.get("message") if isinstance(choice, dict) else None
    content = message.get("content") if isinstance(message, dict) else None
    if not isinstance(content, str) or choice.get("finish_reason") != "stop":
        return ""
    return content.strip()


def _fits(text: str, language: str) -> bool:
    """Whether a text is one short sentence in a language, and hints at nothing."""
    return (
        len(text) <= _LONGEST
        and _SENTENCE.fullmatch(text) is not None
        and _TELLING.search(text) is None
        and language_of([text]) in (language, None)
    )
