"""How often somebody may do something: token buckets in memory, of one gateway process."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Hashable, MutableMapping
from functools import lru_cache

from cachetools import LRUCache
from pyrate_limiter import GCRA, Duration, Rate

from gateway.errors import RateLimited

_BUCKETS = 20_000
"""Buckets that are kept; the one that was asked longest ago goes first, and is full again."""

_GOOD = 4_096
"""Keys that are remembered as right, by where they came from."""


class Buckets:
    """A bucket for each of many: full at first, filled again at so many a minute.

    The generic cell rate algorithm (ITU-T I.371): one number a bucket. `clock` is in seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._algorithm = GCRA()
        self._states: MutableMapping[Hashable, tuple[float, ...]] = LRUCache(_BUCKETS)

    def __contains__(self, who: Hashable) -> bool:
        return who in self._states

    def take(self, who: Hashable, per_minute: int) -> float:
        """Take one from a bucket; the seconds until there is one again where it is empty."""
        state, wait_s = self._step(who, per_minute)
        self._states[who] = state
        return wait_s

    def wait_s(self, who: Hashable, per_minute: int) -> float:
        """The seconds until a bucket has one; it stays as it is."""
        return self._step(who, per_minute)[1]

    def _step(self, who: Hashable, per_minute: int) -> tuple[tuple[float, ...], float]:
        state, decision = self._algorithm.step(
            _rates(per_minute), self._states.get(who, (0,)), int(self._clock() * 1e3), 1
        )
        return state, (decision.retry_after_ms or 0) / 1e3


class WrongKeys:
    """Slows down whoever tries keys: an address has so many wrong ones a minute.

    After that no key from there is looked at, right or wrong, but one that was right from the same
    address before: somebody with a mistyped key takes away nothing from others behind one proxy.
    """

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_minute = per_minute
        self._buckets = Buckets(clock)
        self._good: MutableMapping[tuple[str, bytes], None] = LRUCache(_GOOD)

    def check(self, source: str, digest: bytes) -> None:
        """Raise `RateLimited` where a key from an address must not be looked at now."""
        if source not in self._buckets:
            return  # as a rule
        wait_s = self._buckets.wait_s(source, self._per_minute)
        if wait_s and (source, digest) not in self._good:
            raise limited(
                "Too many wrong API keys came from this address", wait_s, "too_many_wrong_keys"
            )

    def right(self, source: str, digest: bytes) -> None:
        """Remember that a key was right."""
        if (source, digest) not in self._good:
            self._good[source, digest] = None

    def wrong(self, source: str) -> None:
        """Count a wrong key."""
        self._buckets.take(source, self._per_minute)


def limited(what: str, wait_s: float, code: str) -> RateLimited:
    """The error that tells somebody to come back."""
    after = max(1, math.ceil(wait_s))
    return RateLimited(f"{what}; try again in {after} s.", after, code=code)


@lru_cache(maxsize=128)
def _rates(per_minute: int) -> list[Rate]:
    return [Rate(per_minute, Duration.MINUTE)]
