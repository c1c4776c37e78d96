"""How likely another model finds what was said: fluency that no word list can see."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from gateway.evaluation.asking import Asked, in_order
from gateway.evaluation.calling import EndpointFailed
from gateway.evaluation.endpoint import Endpoint
from gateway.evaluation.resumed import Kept, digest

_NOT_ALLOWED = frozenset({400, 403, 404, 422, 501})
_MOST = 700.0  # the largest power of e that a float holds is 709


@dataclass(slots=True)
class Judge:
    """An unsteered model that reads replies in its own chat template.

    Needs vLLM's `prompt_logprobs`. A reply that is refused, for its length say, is left out.
    """

    endpoint: Endpoint
    kept: Kept
    connections: int
    _rated: bool = field(default=False, init=False)
    _refused: bool = field(default=False, init=False)

    @property
    def able(self) -> bool:
        """False once a reply was refused and none was rated: then no other is tried."""
        return self._rated or not self._refused

    async def perplexity(self, asked: Sequence[Asked], what: str) -> float | None:
        """exp(− mean log-likelihood of a token) over all greedy replies, given their prompts.

        None where the server does not allow it, or nothing was said. Raises `EndpointFailed` for
        every other failure.
        """
        found = await in_order(asked, self._likelihood, self.connections, what)
        total, tokens = (sum(part) for part in zip(*found, strict=True)) if found else (0.0, 0)
        return math.exp(min(-total / tokens, _MOST)) if tokens else None

    async def _likelihood(self, asked: Asked) -> tuple[float, int]:
        """The log-likelihood of a reply, and its tokens; (0, 0) where there is none."""
        # Stripped, as most chat templates do: vLLM looks for the reply in what they make of it.
        question, reply = asked.prompt.text, asked.greedy.text.strip()
        if not self.able or not reply:
            return 0.0, 0
        key = digest(self.endpoint.url, self.endpoint.model, question, reply, "likelihood")
        value = self.kept.get(key)
        if value is None:
            try:
                value = await self._read(question, reply)
            except EndpointFailed as error:
                if error.status not in _NOT_ALLOWED:
                    raise
            if value is None:
                self._refused = True
                return 0.0, 0
            self.kept.add(key, value)
        self._rated = True
        return value[0], value[1]

    async def _read(self, question: str, reply: str) -> tuple[float, int] | None:
        asking = [{"role": "user", "content": question}]
        before = (await self.endpoint.chat(asking, max_tokens=1)).get("usage")
        read = await self.endpoint.chat(
            [*asking, {"role": "assistant", "content": reply}],
            max_tokens=1,
            add_generation_prompt=False,
            continue_final_message=True,
            prompt_logprobs=0,
        )
        tokens = read.get("prompt_logprobs")
        if not isinstance(tokens, list) or not isinstance(before, dict):
            return None
        # Each token is an object with one entry, by its id; the first of a prompt is null.
        said = [next(iter(token.values())) for token in tokens[before["prompt_tokens"] :] if token]
        return sum(float(token["logprob"]) for token in said), len(said)
