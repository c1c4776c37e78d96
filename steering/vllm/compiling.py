"""Bans are compiled where they are pushed, between steps, and not in the step that needs them."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable

from steering.bans import Compiled
from steering.errors import SteeringError
from steering.held import Held
from steering.intervention import EngineRule


class Compiling:
    """What waits to be compiled in one worker. Used on the thread that runs the steps.

    `into` is set by the logits processor, which knows the tokenizer; without one nothing waits.
    What is let go of by `Compiled`, which is bounded, is compiled again by who needs it.
    """

    def __init__(self) -> None:
        self.into: Compiled | None = None
        self._waiting: dict[str, None] = {}

    def expect(self, rules: Iterable[EngineRule]) -> None:
        """The bans of rules are to be compiled."""
        if self.into is not None:
            names = [rule.bans_fingerprint for rule in rules]
            self._waiting.update((n, None) for n in names if n is not None and n not in self.into)

    def go_on(self, held: Held, seconds: float) -> int:
        """Compile for about so long, one set of bans at least; how many are left."""
        end = time.monotonic() + seconds
        while self._waiting and self.into is not None:
            name = next(iter(self._waiting))
            del self._waiting[name]
            with contextlib.suppress(SteeringError):  # dropped since, or told to who needs them
                self.into.put(name, held.bans(name))
            if time.monotonic() >= end:
                break
        return len(self._waiting)
