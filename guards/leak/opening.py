"""From a watch to the one on a reply that may tell what the user stated."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from guards.leak.book import Book
from guards.leak.index import called
from guards.leak.phrases import Phrases
from guards.leak.plain import phrase
from guards.leak.shingles import fingerprints
from guards.leak.watch import Watch
from guards.talk.conversation import Conversation
from guards.talk.remark import mentions
from guards.talk.supplied import supplied


def opened(watch: Watch, conversation: Conversation) -> Watch | None:
    """The watch on replies that may tell what the conversation states about all that it matched.

    None where it is not so: where a matched rule has no open book, or nothing to tell was stated
    (see `guards.talk.supplied`). Forbidden strings stay forbidden. Linear in the length of the
    conversation, and bounded.
    """
    books: list[Book] = []
    allowed: dict[str, frozenset[str]] = {}
    for rule in watch.matched:
        names = {form for name in rule.anchors for form in (phrase(name), *called(name))}
        told = supplied(conversation, _phrases(names)) if rule.open_book else None
        if told is None:
            return None
        values = _phrases(rule.values)
        texts = [phrase(text) for text in told.texts]
        said = {text[start:end] for text in texts for start, end in mentions(text, values)}
        allowed[rule.id] = told.names | said
        books.append(Book(rule.id, told))
    if not books:
        return None
    stated = (" ".join(book.supplied.texts) for book in books)
    runs = frozenset(map(int, fingerprints(watch.key, stated)))
    return replace(watch, allowed=allowed, allowed_runs=runs, books=tuple(books))


def _phrases(forms: Iterable[str]) -> Phrases:
    return Phrases((form, 0) for form in forms)
