"""Log probabilities of a refusal's tokens, in the shapes of vLLM: as likely as a model's own are.

Of alternatives there are none, as in a reply under intervention.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

_RATE = 4.0
"""Of the exponential distribution that they are drawn from: a mean of a quarter nat."""


def likelihoods(
    pieces: Sequence[str], key: bytes, *, chat: bool, begin: int = 0, offset: int = 0
) -> dict[str, Any]:
    """The field `logprobs` of some pieces; the same for the same `key`.

    `begin` is how many pieces stand before them, `offset` how many characters.
    """
    rng = random.Random(key)
    drawn = [-round(rng.expovariate(_RATE), 6) for _ in range(begin + len(pieces))][begin:]
    pairs = list(zip(pieces, drawn, strict=True))
    if chat:
        return {
            "content": [
                {"token": t, "logprob": value, "bytes": list(t.encode()), "top_logprobs": []}
                for t, value in pairs
            ]
        }
    offsets = [offset + sum(map(len, pieces[:i])) for i in range(len(pieces))]
    return {
        "text_offset": offsets,
        "token_logprobs": drawn,
        "tokens": list(pieces),
        "top_logprobs": [{token: value} for token, value in pairs],
    }
