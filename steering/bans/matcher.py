"""What of forbidden strings one generation has written so far."""

from __future__ import annotations

from collections.abc import Sequence

from steering.bans.bans import Bans
from steering.bans.spelling import SEPARATOR
from steering.bans.vocabulary import Ids, Vocabulary

_MANY = 256
"""New tokens from which on it is quicker to read only the end."""

_COMPARED = 16
"""Tokens that are compared to notice that others came instead."""


class Matcher:
    """Follows the tokens of one request, for the bans of one or several rules.

    `prompt` are its token ids: a string that begins in them is in progress. Special tokens of a
    prompt part what is before them from what comes after. In the output they may be left out of
    the text, or written: what is in progress stays so, and a word may begin.
    """

    def __init__(
        self, vocabulary: Vocabulary, bans: Sequence[Bans], prompt: Sequence[int] = ()
    ) -> None:
        self._vocabulary, self._bans, self._prompt = vocabulary, bans, prompt
        self._letters = max((each.letters for each in bans), default=0)
        self._count, self._last = 0, list[int]()
        self._replay([])

    def read(self, output: list[int]) -> None:
        """Follow the output up to its end; only what is new is read.

        Where tokens were taken back, its end is read anew. To be noticed they must be missing when
        this is called, or others stand within the last few.
        """
        fresh = output[self._count :]
        known = output[max(self._count - len(self._last), 0) : self._count]
        if known == self._last and len(fresh) <= _MANY:
            for token in fresh:
                self._advance(token)
        else:
            self._replay(output)
        self._count, self._last = len(output), output[-_COMPARED:]

    def forbidden(self) -> list[Ids]:
        """The tokens that may not come next; a token may be in several of the arrays."""
        found = []
        for bans, prefixes in zip(self._bans, self._prefixes, strict=True):
            found += bans.forbidden(self._pending, self._joins, prefixes)
        return found

    def _reset(self) -> None:
        self._pending, self._joins = b"", False
        self._prefixes: list[list[bytes]] = [[] for _ in self._bans]

    def _replay(self, output: list[int]) -> None:
        """Read the end of prompt and output, as much as the longest string can reach over."""
        self._reset()
        first = self._reach(output)
        if first == 0:
            for token in self._prompt[self._reach(self._prompt) :]:
                if self._vocabulary.piece(b"", token) is None:
                    self._reset()
                else:
                    self._advance(token)
        for token in output[first:]:
            self._advance(token)

    def _reach(self, tokens: Sequence[int]) -> int:
        """From where on tokens have at least as many letters as the longest string.

        A string in progress has fewer, so it begins after the first of them, and what that joins
        or finishes of the token before does not matter.
        """
        letters, at = 0, len(tokens)
        while at and letters < self._letters:
            at -= 1
            piece = self._vocabulary.piece(b"", tokens[at])
            letters += piece.letters if piece else 0
        return at

    def _advance(self, token: int) -> None:
        piece = self._vocabulary.piece(self._pending, token)
        if piece is None:
            self._joins = False
            return
        key, starts, opens, closes, self._pending, _ = piece
        if not key:
            return
        fresh = [key[at:] for at in starts]
        if not (self._joins and opens) and not key.startswith(SEPARATOR):
            fresh.append(key)
        self._joins = closes
        for number, bans in enumerate(self._bans):
            begun = [prefix for prefix in fresh if bans.begins(prefix)]
            if prefixes := self._prefixes[number]:
                longer = (_appended(prefix, key) for prefix in prefixes)
                begun += [prefix for prefix in longer if bans.begins(prefix)]
            self._prefixes[number] = begun


def _appended(prefix: bytes, key: bytes) -> bytes:
    if prefix.endswith(SEPARATOR) and key.startswith(SEPARATOR):
        return prefix + key[1:]
    return prefix + key
