"""Waiting for gateways that have to acknowledge something."""

from __future__ import annotations

from collections.abc import Iterator

_FIRST_S, _LONGEST_S, _GROWTH = 0.005, 0.25, 1.2


def pauses() -> Iterator[float]:
    """Seconds between one look at the registry and the next, without an end.

    Short at first, for most gateways are there in milliseconds; longer then: many may wait for one
    that is silent, and each look costs Redis something.
    """
    pause = _FIRST_S
    while True:
        yield pause
        pause = min(pause * _GROWTH, _LONGEST_S)
