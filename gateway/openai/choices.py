"""One choice of a refusal, cut as the engine would have cut it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from gateway.openai.options import Options

_WORD = re.compile(r"\s*\S+")


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice of a refusal: its pieces as they are streamed, and how it ends.

    `tokens` counts the end marker too where the model would have ended by itself.
    """

    pieces: tuple[str, ...]
    tokens: int
    finish_reason: str
    stop_reason: str | None

    @property
    def text(self) -> str:
        """All of it."""
        return "".join(self.pieces)


def choice_of(pieces: list[str], options: Options) -> Choice:
    """A choice as the engine would have cut it: at a stop string, at the token limit."""
    text, tokens = "".join(pieces), len(pieces)
    cuts = [(at, stop) for stop in options.stop if (at := text.find(stop)) >= 0]
    limit = options.max_tokens
    if cuts:
        at, stop = min(cuts)
        until = at + len(stop)
        needed = _pieces_until(pieces, until)
        if limit is None or needed <= limit:
            text = text[: until if options.include_stop else at]
            return Choice((text,) if text else (), needed, "stop", stop)
    if limit is not None and limit <= tokens:
        return Choice(tuple(pieces[:limit]), limit, "length", None)
    return Choice(tuple(pieces), tokens + 1, "stop", None)


def pieces_of(text: str, count: int) -> list[str]:
    """A text cut as a tokenizer might: into words, split or joined until there are `count`.

    The pieces joined are the text; there are never more of them than characters.
    """
    cut = _WORD.findall(text)
    count = max(1, min(count, len(text)))
    while len(cut) > count:
        last = cut.pop()
        cut[-1] += last
    while len(cut) < count:
        longest = max(range(len(cut)), key=lambda i: len(cut[i]))
        word = cut[longest]
        cut[longest : longest + 1] = [word[: (len(word) + 1) // 2], word[(len(word) + 1) // 2 :]]
    return cut


def _pieces_until(pieces: list[str], characters: int) -> int:
    seen = 0
    for number, piece in enumerate(pieces, 1):
        seen += len(piece)
        if seen >= characters:
            return number
    return len(pieces)
