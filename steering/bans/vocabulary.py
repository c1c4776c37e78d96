"""A tokenizer's tokens, spelled and sorted once, so that what they begin with is a range."""

from __future__ import annotations

import codecs
from bisect import bisect_left
from collections.abc import Iterable, MutableMapping, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from cachetools import LRUCache
from numpy.typing import NDArray

from steering.bans.spelling import SEPARATOR, Phrase, spell

Ids = NDArray[np.int32]
"""Token ids, shape (n,)."""

_UNREAD = spell("\ufffd").key

_Decoder = codecs.getincrementaldecoder("utf-8")

_MOST_VIEWS = 512
"""Beginnings of characters whose completions are remembered; each has some hundred tokens."""


class Piece(NamedTuple):
    """What a token adds to a spelled text.

    `key`, `starts`, `opens` and `closes` are those of its `Spelling`; `pending` are the bytes of a
    character that the token only begins; `letters` counts the bytes of `key` but separators and
    U+FFFD, at which a token before may have begun a character.
    """

    key: bytes
    starts: tuple[int, ...]
    opens: bool
    closes: bool
    pending: bytes
    letters: int


def piece(raw: bytes) -> Piece:
    """Read the bytes of a token; bytes that begin no character read as U+FFFD."""
    decoder = _Decoder("replace")
    key, starts, opens, closes = spell(decoder.decode(raw))
    pending, _ = decoder.getstate()
    letters = len(key) - key.count(SEPARATOR) - len(_UNREAD) * key.count(_UNREAD)
    return Piece(key, starts, opens, closes, pending, letters)


class Table:
    """Spelled texts in order, `keys`, and the token of each, `ids`, shape (n,)."""

    def __init__(self, entries: Iterable[tuple[bytes, int]]) -> None:
        ordered = sorted(entries)
        self.keys = [key for key, _ in ordered]
        self.ids: Ids = np.array([token for _, token in ordered], np.int32)

    def completing(self, rest: bytes, phrase: Phrase, near: int) -> list[Ids]:
        """The tokens that begin with the rest of a phrase and then let it stand alone.

        `near` is the place of the first key from `rest` on.
        """
        found = []
        for low, high in phrase.follows:
            first = bisect_left(self.keys, rest + low, near)
            last = bisect_left(self.keys, rest + high, first)
            if first < last:
                found.append(self.ids[first:last])
        return found


class View:
    """Tokens by what they begin with after some bytes of an unfinished character.

    `heads` holds whole tokens, `inner` every later place in one at which a word may begin.
    """

    def __init__(self, pending: bytes, pieces: Iterable[tuple[int, Piece]]) -> None:
        self.pending = pending
        kept = [(token, each) for token, each in pieces if each.key]
        self.heads = Table((each.key, token) for token, each in kept)
        self.inner = Table((each.key[at:], token) for token, each in kept for at in each.starts)


class Vocabulary:
    """All tokens of one tokenizer.

    `tokens` are the bytes that each token id stands for; None for special tokens, which write
    nothing. Building takes about a second for 100,000 tokens.
    """

    def __init__(self, tokens: Sequence[bytes | None]) -> None:
        self._tokens = tokens
        self._pieces = [None if raw is None else piece(raw) for raw in tokens]
        self.plain = View(b"", ((n, each) for n, each in enumerate(self._pieces) if each))
        self.going_on: NDArray[np.bool_] = np.array([_goes_on(raw) for raw in tokens], np.bool_)
        """Which tokens begin in the middle of a character, shape (n,)."""
        self._views: MutableMapping[bytes, View] = LRUCache(_MOST_VIEWS)
        self._after = lru_cache(maxsize=4_096)(piece)

    def __len__(self) -> int:
        return len(self._tokens)

    def piece(self, pending: bytes, token: int) -> Piece | None:
        """What a token adds after the bytes of an unfinished character; None of special tokens."""
        if not 0 <= token < len(self._tokens):
            return None
        raw = self._tokens[token]
        if raw is None or not pending:
            return self._pieces[token]
        return self._after(pending + raw)

    def view(self, pending: bytes) -> View:
        """The tokens that can finish a character; all tokens where none is unfinished."""
        if not pending:
            return self.plain
        view = self._views.get(pending)
        if view is None:
            finishing = np.flatnonzero(self.going_on).tolist()
            view = View(pending, ((n, piece(pending + self._raw(n))) for n in finishing))
            self._views[pending] = view
        return view

    def _raw(self, token: int) -> bytes:
        return self._tokens[token] or b""


def _goes_on(raw: bytes | None) -> bool:
    return raw is not None and raw != b"" and 0x80 <= raw[0] < 0xC0
