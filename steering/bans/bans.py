"""The forbidden strings of one rule against one vocabulary."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Hashable, Iterable, Iterator, MutableMapping, Sequence
from itertools import takewhile

import numpy as np

from steering.bans.spelling import AFTER_ALL, SEPARATOR, Phrase
from steering.bans.vocabulary import Ids, Table, View, Vocabulary

Parts = tuple[Ids, ...]
Memory = MutableMapping[Hashable, Parts]

_NONE: Ids = np.empty(0, np.int32)


class Bans:
    """Which tokens may not come next, given what of a string has been written.

    A token is forbidden where it holds a whole string: those are found once, here; or where a
    string is in progress and the token begins with its rest: a few ranges of the sorted vocabulary
    for each string that may be meant, found by bisection and remembered in `memory` under `name`.
    Exact for any number of strings; only that broken bytes, which are shown as U+FFFD, are not
    taken for a U+FFFD in a string. Raises `BadBans` for a string with nothing to ban in it.
    """

    def __init__(
        self, name: str, strings: Iterable[str], vocabulary: Vocabulary, memory: Memory
    ) -> None:
        self.name, self._vocabulary, self._memory = name, vocabulary, memory
        spelled = {phrase.key: phrase for phrase in map(Phrase.of, strings)}
        self._keys = sorted(spelled)
        self._phrases = [spelled[key] for key in self._keys]
        self.letters = max((len(key) - key.count(SEPARATOR) for key in self._keys), default=0)
        """Bytes of the longest string but separators: no longer prefix can be in progress."""
        self.spelled = sum(map(len, self._keys))
        """Bytes of all strings together."""
        self._always, self._at_boundary = self._whole(vocabulary.plain)

    def __len__(self) -> int:
        return len(self._keys)

    def begins(self, prefix: bytes) -> bool:
        """Whether a longer string begins so."""
        at = bisect_right(self._keys, prefix)
        return at < len(self._keys) and self._keys[at].startswith(prefix)

    def forbidden(self, pending: bytes, joins: bool, prefixes: Iterable[bytes]) -> list[Ids]:
        """The tokens that may not come next; a token may be in several of the arrays.

        `pending` are the bytes of an unfinished character, `joins` says whether the last character
        joins a letter after it, `prefixes` are the beginnings of strings in progress.
        """
        found: list[Ids] = []
        whole: Parts = self._always, self._at_boundary
        if pending:
            # A token that does not go on leaves U+FFFD, after which a word may begin.
            found += self._kept((self.name,), self._not_going_on)
            whole = self._kept((self.name, pending), lambda: self._whole(self._view(pending)))
        found += whole[: 1 if joins else 2]
        for prefix in prefixes:
            place = self.name, pending, prefix
            found += self._kept(place, lambda: self._completing(self._view(pending), prefix))  # noqa: B023  called at once
        return [ids for ids in found if ids.size]

    def _kept(self, place: Hashable, make: Callable[[], Parts]) -> Parts:
        found = self._memory.get(place)
        if found is None:
            found = self._memory[place] = make()
        return found

    def _view(self, pending: bytes) -> View:
        return self._vocabulary.view(pending)

    def _not_going_on(self) -> Parts:
        ids = np.concatenate([self._always, self._at_boundary])
        return (ids[~self._vocabulary.going_on[ids]],)

    def _whole(self, view: View) -> Parts:
        """Tokens that hold a whole string: wherever they stand, and only at a word boundary."""
        always: list[Ids] = []
        at_boundary: list[Ids] = []
        everything = range(len(self._keys))
        for n, rest, near in self._meeting(everything, 0, b"", view.inner):
            always += view.inner.completing(rest, self._phrases[n], near)
        for n, rest, near in self._meeting(everything, 0, b"", view.heads):
            found = at_boundary if self._phrases[n].opens else always
            found += view.heads.completing(rest, self._phrases[n], near)
        return _distinct(always), _distinct(at_boundary)

    def _completing(self, view: View, prefix: bytes) -> Parts:
        first = bisect_right(self._keys, prefix)
        begun = range(first, bisect_left(self._keys, prefix + AFTER_ALL, first))
        # After a separator more of them may come, which are still one.
        found = []
        for lead in (b"", SEPARATOR) if prefix.endswith(SEPARATOR) else (b"",):
            for n, rest, near in self._meeting(begun, len(prefix), lead, view.heads):
                found += view.heads.completing(rest, self._phrases[n], near)
        return (_distinct(found),)

    def _meeting(
        self, begun: range, cut: int, lead: bytes, table: Table
    ) -> Iterator[tuple[int, bytes, int]]:
        """The strings whose rest, after `cut` bytes and with `lead` before it, begins a key.

        With each its rest and the place of the first such key. Strings and keys are both in
        order, so each list leaps over what the other does not have.
        """
        n, near, keys = begun.start, 0, table.keys
        while n < begun.stop:
            phrase = self._keys[n]
            rest = lead + phrase[cut:]
            near = bisect_left(keys, rest, near)
            if near == len(keys):
                return
            key = keys[near]
            if key.startswith(rest):
                yield n, rest, near
                n += 1
                continue
            # A later string that begins a later key is not below this key up to where they part.
            parted = sum(1 for _ in takewhile(_alike, zip(rest, key, strict=False)))
            if parted < len(lead):
                return
            least = phrase[:cut] + key[len(lead) : parted + 1]
            n = bisect_left(self._keys, least, n + 1, begun.stop)


def _distinct(parts: Sequence[Ids]) -> Ids:
    return np.unique(np.concatenate(parts)) if parts else _NONE


def _alike(bytes_: tuple[int, int]) -> bool:
    return bytes_[0] == bytes_[1]
