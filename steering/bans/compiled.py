"""The bans that were compiled lately, shared by all requests that carry them."""

from __future__ import annotations

from collections.abc import Iterable, MutableMapping

from cachetools import LRUCache

from steering.bans.bans import Bans, Memory, Parts
from steering.bans.vocabulary import Vocabulary

_MOST_BYTES = 64 * 2**20
"""Memory of all compiled bans together; the largest rule may take it alone."""

_STRING = 160
"""What a string costs beside its spelling, in bytes."""

_MOST_IDS = 4_000_000
"""Token ids in all remembered masks together, four bytes each."""

_ENTRY = 256
"""What an entry of the memory costs beside its ids, in ids: its place may be a long string."""


class Compiled:
    """Bans by fingerprint, for one vocabulary. Used on one thread."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self._bans: MutableMapping[str, Bans] = LRUCache(_MOST_BYTES, getsizeof=_weight)
        self._memory: Memory = LRUCache(_MOST_IDS, getsizeof=_size)

    def __contains__(self, fingerprint: str) -> bool:
        return fingerprint in self._bans

    def get(self, fingerprint: str) -> Bans | None:
        """Bans that are compiled already."""
        return self._bans.get(fingerprint)

    def put(self, fingerprint: str, strings: Iterable[str]) -> Bans:
        """Compile strings, whose fingerprint it is; raises `BadBans`."""
        bans = Bans(fingerprint, strings, self.vocabulary, self._memory)
        self._bans[fingerprint] = bans
        return bans


def _weight(bans: Bans) -> int:
    return min(bans.spelled + _STRING * len(bans), _MOST_BYTES)


def _size(parts: Parts) -> int:
    return _ENTRY + sum(ids.size for ids in parts)
