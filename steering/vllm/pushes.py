"""Which revision of the gateways' rules an engine stands at, and which push may change it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from steering.errors import BadCall, BadVector, Behind
from steering.intervention import EngineRule

MOST_RULES, MOST_DROPPED, MOST_VECTORS = 1_000, 100_000, 1_024
"""Rules and ids of one push, and vectors of one rule."""


@dataclass(frozen=True, slots=True)
class Push:
    """One POST to `/v1/lethe/rules`: what to hold and to let go, and what it follows on.

    With `base`, a delta on that revision; with `reset`, the beginning of a push of everything;
    else the next part of that push. What the engine held before stays, as old, up to the `last`
    part, at which all is let go that was not pushed again: unless it is told, that is the part
    whose revision is above 0.
    """

    epoch: str
    revision: int
    put: tuple[EngineRule, ...]
    drop: tuple[str, ...]
    base: int | None
    reset: bool
    push: str | None
    last: bool

    @classmethod
    def from_json(cls, body: Any) -> Push:
        """Raises `BadCall`, `BadVector` and `BadBans`."""
        if not isinstance(body, Mapping):
            raise BadCall("a push is a JSON object.")
        put, drop = body.get("put", []), body.get("drop", [])
        if not (isinstance(put, list) and len(put) <= MOST_RULES):
            raise BadCall(f"put is a list of at most {MOST_RULES} rules.")
        if not (isinstance(drop, list) and len(drop) <= MOST_DROPPED):
            raise BadCall(f"drop is a list of at most {MOST_DROPPED} ids.")
        if not all(isinstance(name, str) for name in drop):
            raise BadCall("drop is a list of ids, which are strings.")
        base, push, reset = body.get("base"), body.get("push"), body.get("reset", False)
        if (base is None) == (push is None) or not isinstance(reset, bool) or (reset and not push):
            raise BadCall("a push has either base, or push and, where it begins, reset: true.")
        if not (push is None or isinstance(push, str)) or not (base is None or _count(base)):
            raise BadCall("push is a string, base a whole number from 0 on.")
        epoch, revision = body.get("epoch"), body.get("revision")
        if not (isinstance(epoch, str) and epoch and isinstance(revision, int)):
            raise BadCall("epoch is a string, revision a whole number from 0 on.")
        if not _count(revision):
            raise BadCall("epoch is a string, revision a whole number from 0 on.")
        if base is not None and base > revision:
            raise BadCall("a delta leads to a later revision than its base.")
        last = body.get("last", revision > 0)
        if not isinstance(last, bool) or (revision and not last):
            raise BadCall("last is true or false; parts that are not the last have revision 0.")
        rules = tuple(EngineRule.from_json(fields) for fields in put)
        return cls(epoch, revision, rules, tuple(drop), base, reset, push, last)


def fit(rules: tuple[EngineRule, ...], model: str, width: int, layers: tuple[int, ...]) -> None:
    """Raise `BadVector` unless all vectors can act in a model with that fingerprint."""
    for i, rule in enumerate(rules):  # errors tell a place: an id belongs to somebody
        if len(rule.vectors) > MOST_VECTORS:
            raise BadVector(f"put[{i}]: a rule has at most {MOST_VECTORS} vectors.")
        for vector in rule.vectors:
            if vector.model != model:
                raise BadVector(f"put[{i}]: a vector was built for another model; capture anew.")
            if vector.width != width:
                raise BadVector(f"put[{i}]: a vector has width {vector.width}, not {width}.")
            if vector.layer not in layers:
                raise BadVector(
                    f"put[{i}]: layer {vector.layer} is not steered by this engine; steered are "
                    f"{', '.join(map(str, layers))} (LETHE_STEERING_LAYERS)."
                )
            with np.errstate(over="ignore", invalid="ignore"):
                if not np.isfinite(vector.pull).all():
                    raise BadVector(f"put[{i}]: alpha times scale is too large.")


@dataclass(slots=True)
class Stand:
    """Where an engine stands: nowhere after its start."""

    epoch: str | None = None
    revision: int = 0
    _push: str | None = None

    def admit(self, push: Push) -> None:
        """Raise `Behind` unless a push follows on what the engine holds."""
        if push.reset:
            return
        if push.base is not None:
            if (push.epoch, push.base) != (self.epoch, self.revision):
                raise Behind("the engine stands at another epoch or revision.")
        elif (push.epoch, push.push) != (self.epoch, self._push):
            raise Behind("another push of everything began in between.")

    def begin(self, push: Push) -> None:
        """Before the workers change: what is only half there counts as revision 0."""
        if push.reset:
            self.epoch, self.revision, self._push = push.epoch, 0, push.push

    def end(self, push: Push) -> None:
        """After the workers changed."""
        self.revision = push.revision


def _count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
