"""Names that are spread over several messages ("Tell me about Mira" / "Quell"), or corrected."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate

from folding import Folded
from guards.names.hit import NameHit
from guards.names.views import loose_view
from guards.ruleset import RuleSet
from guards.talk.parts import pieced
from guards.text.segment import Span

_SPACES = re.compile(r"  +")
_SEAM = 1 << 13
"""Characters at either end of a message in which a part of a name is looked for."""
_GAP = "\0"  # in no folded text, so no name reaches over it


def split_hits(texts: Sequence[str], rules: RuleSet) -> Iterator[tuple[NameHit, str, int, Span]]:
    """Names that begin in one text and end in a later one, and those that nobody wrote whole.

    `texts` are messages, oldest first. Gives the hit, the name as said (folded), the number of
    the text in which it ends, and its [start, end) in that one.
    """
    for meant in pieced(texts):
        view = loose_view(meant.name)
        for hit in rules.find_names(view, meant.name):
            begin, stop = view.span(hit.start, hit.end)
            if begin < meant.seam < stop:
                yield hit, view.text[hit.start : hit.end], meant.text, meant.span
    if len(texts) < 2:
        return
    parts = list(_seams(texts))
    ends = list(accumulate(len(view.text) + 1 for _, _, view in parts))
    text = " ".join(view.text for _, _, view in parts)
    # A text that ends with a space would set two of them between the name's halves.
    joined = Folded(text, range(len(text) + 1)).shortened(_SPACES)
    for hit in rules.find_names(*_written(texts, parts, joined)):
        start, end = joined.span(hit.start, hit.end)
        first, last = bisect_right(ends, start), bisect_right(ends, end - 1)
        if first != last:
            begin = ends[last - 1]
            number, skipped, view = parts[last]
            a, b = view.span(max(0, start - begin), end - begin)
            said = joined.text[hit.start : hit.end]
            yield hit, said, number, (skipped + a, skipped + b)


def _written(
    texts: Sequence[str], parts: Sequence[tuple[int, int, Folded]], joined: Folded
) -> tuple[Folded, str]:
    """The joined view with offsets into what was written in all texts, and that."""
    written, offsets, begin = [], array("I"), 0
    for number, skipped, view in parts:
        written.append(texts[number][skipped : skipped + view.offsets[-1]])
        offsets.extend(begin + offset for offset in view.offsets)
        begin += len(written[-1]) + 1
    text = "\n".join(written)
    return Folded(joined.text, array("I", (offsets[i] for i in joined.offsets))), text


def _seams(texts: Sequence[str]) -> Iterator[tuple[int, int, Folded]]:
    """(text, characters left out before it, view): each text, or the two ends of a long one."""
    for number, text in enumerate(texts):
        if len(text) <= 2 * _SEAM:
            yield number, 0, loose_view(text)
        else:
            yield number, 0, loose_view(text[:_SEAM])
            yield number, 0, Folded(_GAP, range(2))
            yield number, len(text) - _SEAM, loose_view(text[-_SEAM:])
