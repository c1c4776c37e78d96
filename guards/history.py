"""Names that the user spreads over several turns ("Tell me about Mira" / "Quell")."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate

from guards.fold import Folded
from guards.names import NameHit
from guards.ruleset import RuleSet

_SPACES = re.compile(r"  +")


def split_hits(
    views: Sequence[Folded], rules: RuleSet
) -> Iterator[tuple[NameHit, str, int, tuple[int, int]]]:
    """Names that begin in one text and end in a later one.

    `views` are the `name_view`s of what the user said, oldest first. Gives the hit, the name as
    said (folded), the number of the view in which it ends, and its [start, end) in the original
    of that one.
    """
    if len(views) < 2:
        return
    ends = list(accumulate(len(view.text) + 1 for view in views))
    text = " ".join(view.text for view in views)
    # A text that ends with a space would set two of them between the name's halves.
    joined = Folded(text, range(len(text) + 1)).shortened(_SPACES, " ")
    for hit in rules.find_names(joined.text):
        start, end = joined.span(hit.start, hit.end)
        first, last = bisect_right(ends, start), bisect_right(ends, end - 1)
        if first != last:
            begin = ends[last - 1]
            span = views[last].span(max(0, start - begin), end - begin)
            yield hit, joined.text[hit.start : hit.end], last, span
