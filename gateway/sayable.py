"""What a reply may say to a prompt that touched some forget requests."""

from __future__ import annotations

from collections.abc import Callable, Collection

from folding import fold, stands_in
from guards.leak.filter import leak_in
from guards.leak.watch import Watch
from guards.text.words import telling, words_of


class Sayable:
    """Tells whether a text says nothing that is forbidden, nor any part of a subject's name.

    `watch` gives what replies to a prompt that matched the rules with some ids may not say.
    """

    def __init__(self, watch: Callable[[Collection[str]], Watch]) -> None:
        self._watch = watch

    def __call__(self, ids: Collection[str], text: str) -> bool:
        """Whether it may be said; not where a rule is not there any more."""
        watch = self._watch(ids)
        if len(watch.matched) < len(ids):
            return False
        names = (word for rule in watch.matched for name in rule.anchors for word in telling(name))
        said = fold(text).text
        if leak_in(text, watch) is not None or any(stands_in(said, word) for word in names):
            return False
        blind = (rule.blind for rule in watch.matched if rule.blind is not None)
        return not any(each.of_subject(words_of(said)) for each in blind)
