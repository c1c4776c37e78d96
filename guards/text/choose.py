"""Which windows of a text are embedded, where there are more than may be.

Windows that share words with what was filed come first, rare words before common ones, so that
padding cannot push a filed question out. Then questions, the two ends, and the rest evenly: a
paraphrase that shares no word with the filing is only sampled beyond the bound.
"""

from __future__ import annotations

import heapq
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise

from folding import fold
from guards.text.questions import questions
from guards.text.segment import Span, slices
from guards.text.words import words_of

MAX_WINDOWS = 64
"""Windows of one conversation that are embedded."""

Weigh = Callable[[set[str]], Mapping[str, float]]
"""Of some folded words those that filed texts have, each with its weight: the rarer, the more."""

_PER_WINDOW = 250
"""Characters per window up to which a text is taken apart as a whole."""
_BLOCK, _PIECE = 256, 1 << 16


def no_weight(words: set[str]) -> Mapping[str, float]:
    """Weigh nothing: every window is as good as another."""
    return {}


def windows(text: str, limit: int = MAX_WINDOWS, weigh: Weigh = no_weight) -> list[Span]:
    """What to embed of a text, in order: at most `limit` of its slices and questions.

    Only the promising parts of a very long text are taken apart; the cost of the rest is that
    of looking at its words.
    """
    if len(text) <= _PER_WINDOW * limit:
        spans = _parts(text)
    else:
        spans = [
            (start + a, start + b)
            for start, end in _regions(text, limit, weigh)
            for a, b in _parts(text[start:end])
        ]
    return spans if len(spans) <= limit else _chosen(text, spans, limit, weigh)


def _parts(text: str) -> list[Span]:
    """All of a text if it is short, its sentences, and the questions that share a sentence."""
    found = {*slices(text), *slices(text, questions)}
    return sorted(found, key=lambda span: (span[0], -span[1]))


def _chosen(text: str, spans: list[Span], limit: int, weigh: Weigh) -> list[Span]:
    # Once of what is repeated: a hundred copies of a sentence tell no more than one.
    spans = sorted({text[start:end]: (start, end) for start, end in spans}.values())
    words = [words_of(fold(text[start:end]).text) for start, end in spans]
    weights = weigh(set().union(*words))
    scores = [sum(weights.get(word, 0.0) for word in said) for said in words]
    telling = [i for i in range(len(spans)) if scores[i] > 0]
    # Of two that share as much the shorter one, in which it is less diluted.
    telling.sort(key=lambda i: (-scores[i], len(words[i])))
    chosen = dict.fromkeys(telling[: limit // 2])
    few = max(1, (limit - len(chosen)) // 4)
    asking = [i for i, (start, end) in enumerate(spans) if "?" in text[start : end + 1]]
    ends = [*range(min(few, len(spans))), *range(max(0, len(spans) - few), len(spans))]
    middle = range(few, len(spans) - few, max(1, len(spans) // few))
    for i in (*asking[-few:], *ends, *middle, *asking, *telling, *range(len(spans))):
        if len(chosen) == limit:
            break
        chosen[i] = None
    return [spans[i] for i in sorted(chosen)]


def _regions(text: str, limit: int, weigh: Weigh) -> Iterator[Span]:
    """The parts of a very long text to take apart: by their words, its ends, some in between."""
    last = (len(text) - 1) // _BLOCK
    scores = _block_scores(text, weigh)
    # A question may begin in one block and end in the next.
    pairs = {b: scores.get(b, 0.0) + scores.get(b + 1, 0.0) for a in scores for b in (a - 1, a)}
    best = heapq.nlargest(limit // 2, pairs, key=pairs.__getitem__)
    few = max(1, limit // 8)
    spread = range(0, last + 1, max(1, last // (limit // 2)))
    picked = sorted({*best, *range(few), *range(last - few, last + 1), *spread} - {-1})
    begin, stop = 0, 0
    for block in picked:
        start, end = max(0, (block - 1) * _BLOCK), (block + 3) * _BLOCK
        if start > stop:
            yield _whole_words(text, begin, stop)
            begin = start
        stop = max(stop, end)
    yield _whole_words(text, begin, min(stop, len(text)))


def _block_scores(text: str, weigh: Weigh) -> dict[int, float]:
    """The weights of the different words in each block of a text that has any."""
    scores: dict[int, float] = {}
    for begin in range(0, len(text), _PIECE):
        piece = fold(text[begin : begin + _PIECE])
        weights = weigh(words_of(piece.text))
        if not weights:
            continue
        # Where in the folded text each block of the original begins.
        blocks = range(begin, min(begin + _PIECE, len(text)), _BLOCK)
        starts = [bisect_left(piece.offsets, block - begin) for block in blocks]
        for block, (start, end) in zip(blocks, pairwise((*starts, len(piece.text))), strict=True):
            words = words_of(piece.text[start:end])
            score = sum(weights[word] for word in words & weights.keys())
            if score:
                scores[block // _BLOCK] = score
    return scores


def _whole_words(text: str, start: int, end: int) -> Span:
    """The span without the parts of words at its ends."""
    if start:
        space = text.find(" ", start, start + _BLOCK)
        start = space + 1 if space >= 0 else start
    if end < len(text):
        space = text.rfind(" ", max(start, end - _BLOCK), end)
        end = space if space >= 0 else end
    return start, end
