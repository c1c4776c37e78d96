"""What the API server calls in every worker, as methods of `WorkerBase`.

Arguments and results are plain JSON, arrays base64 of little-endian float32.
"""

from __future__ import annotations

import base64
from typing import Any

import numpy as np

from steering.intervention import EngineRule
from steering.vllm import runner, state
from steering.vllm.steering import Steering


def lethe_describe(worker: Any) -> dict[str, Any]:
    """The model that the worker loaded; see `runner.describe`."""
    return runner.describe(worker.model_runner)


def lethe_rules(
    _worker: Any, put: list[dict[str, Any]], drop: list[str], reset: bool, last: bool
) -> dict[str, int]:
    """Take a part of a push (`Held.change`); all of it or, on an error, nothing."""
    rules = [EngineRule.from_json(fields) for fields in put]
    state.HELD.change(rules, drop, reset=reset, last=last)
    state.COMPILING.expect(rules)
    return {"rules": len(state.HELD.rules)}


def lethe_compile(_worker: Any, seconds: float) -> int:
    """Compile bans that were pushed for about so long, between two steps; how many are left."""
    return state.COMPILING.go_on(state.HELD, seconds)


def lethe_counters(worker: Any, exact: bool = True) -> dict[str, int]:
    """Counters since the start. `fired` are rows that the graph rotated, over all layers.

    Unless it is to be `exact`, `fired` may be that of an earlier call, and no device is waited for.
    """
    steering = _of(worker)
    return {
        "steps": steering.counters.steps,
        "steered_tokens": steering.counters.steered_tokens,
        "fired": steering.fired(exact=exact),
        "slots": steering.slots.size,
        "slots_used": steering.slots.used,
        "failed_closed": state.failures(),
    }


def lethe_announce(worker: Any, nonces: list[str]) -> None:
    """Make captures known before their requests are sent."""
    _of(worker).captures.announce(nonces)


def lethe_fetch(worker: Any, nonces: list[str]) -> list[dict[str, Any]]:
    """Tokens and sums, by layer, of captures that are done; they are forgotten."""
    return [
        {
            "tokens": tokens,
            "sums": {
                str(layer): base64.b64encode(np.ascontiguousarray(sums, "<f4").tobytes()).decode()
                for layer, sums in found.items()
            },
        }
        for tokens, found in _of(worker).captures.fetch(nonces)
    ]


METHODS = (lethe_describe, lethe_rules, lethe_compile, lethe_counters, lethe_announce, lethe_fetch)


def _of(worker: Any) -> Steering:
    steering: Steering = getattr(worker.model_runner, runner.ATTRIBUTE)
    return steering
