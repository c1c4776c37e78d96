"""What makes all threads of the process stand still, kept short: readers must not wait."""

from __future__ import annotations

import contextlib
import gc
import sys
import time
from collections.abc import Iterator

_TURN_S = 0.0002
"""How long a thread that computes in Python keeps the interpreter from one that waits for it.

Judging a prompt waits a dozen times, after each look into an index.
"""

_PIECEWISE_S = 0.02
"""Between two pieces of memory that are given back."""


def take_short_turns() -> None:
    """Let threads of this process alternate more often than Python's 5 ms."""
    sys.setswitchinterval(_TURN_S)


@contextlib.contextmanager
def uncollected() -> Iterator[None]:
    """Do without the collector of garbage while something large is made.

    A walk through a hundred thousand rules takes tens of milliseconds, and would come again and
    again: `gc.freeze` at the end of it spares them. What is frozen is freed once nothing refers
    to it, as always, unless it refers to itself in a ring.
    """
    gc.collect(1)  # or what is garbage by now could be frozen too
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def let_go(pieces: list[object]) -> None:
    """Free large things one by one, for each is freed without a break; sleeps in between."""
    while pieces:
        pieces.pop()
        time.sleep(_PIECEWISE_S)
