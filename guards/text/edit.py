"""Parts of a text replaced by what they say, with the way back to where they stood."""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

_LONG = 4096
_CONTEXT, _HINTS = 256, 48
"""Of a text longer than the first, what stands this near to an edit on either side is kept: what
a question needs, or a name where the edits are guesses."""
_NAME = 3
"""Words of a name."""
_INITIAL = re.compile(r"(?<![^\s-])[a-z]")
_WORDS = 3
"""Words from which an edited part is worth a look by itself, beside as many others."""


@dataclass(frozen=True, slots=True)
class Edit:
    """What [start, end) of a text says."""

    start: int
    end: int
    text: str
    telling: bool = True
    """Whether it looks meant, so that the text read in this way is worth embedding."""
    turned: bool = False
    """Whether it is read from its end, so that its parts are not where they would be expected."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A text read in one way: its edits in order, none touching another, at least one."""

    name: str
    edits: Sequence[Edit]
    syntactic: bool = False
    """Whether the form alone gave it away: then there may be another disguise inside."""

    @property
    def telling(self) -> bool:
        """Whether one of the edits is."""
        return any(edit.telling for edit in self.edits)


def with_capitals(text: str, edits: Sequence[Edit]) -> Sequence[Edit]:
    """The edits with capitals, where they are short and few: who hides a word hides a name."""
    words = sum(len(edit.text.split()) for edit in edits)
    if words > _NAME * len(edits) or 2 * words > len(text.split()):
        return edits
    return [
        replace(edit, text=_INITIAL.sub(lambda m: m.group().upper(), edit.text))
        if edit.text.islower()
        else edit
        for edit in edits
    ]


def applied(text: str, edits: Iterable[Edit]) -> tuple[str, array[int]]:
    """The text with its edits, and len + 1 offsets: where each character came from.

    The characters of an edit are spread evenly over what it replaced, or stand for all of it
    where it is turned around. Of a long text only the surroundings of its edits are kept.
    """
    parts: list[str] = []
    offsets = array("I")
    for start, end, edit in _stretches(text, list(edits)):
        if edit is None:
            parts.append(text[start:end])
            offsets.extend(range(start, end))
        else:
            parts.append(edit.text)
            length, size = (edit.end - edit.start) * (not edit.turned), len(edit.text)
            offsets.extend(edit.start + i * length // size for i in range(size))
    offsets.append(len(text))
    return "".join(parts), offsets


def region(text: str, edits: Sequence[Edit]) -> tuple[str, array[int]] | None:
    """The same from the first edit to the last, if that is a text of its own beside others."""
    start, end = edits[0].start, edits[-1].end
    if len(text[:start].split()) + len(text[end:].split()) < _WORDS:
        return None
    shifted = [replace(edit, start=edit.start - start, end=edit.end - start) for edit in edits]
    said, offsets = applied(text[start:end], shifted)
    if len(said.split()) < _WORDS:
        return None
    return said, array("I", (start + offset for offset in offsets))


def _stretches(text: str, edits: Sequence[Edit]) -> Iterator[tuple[int, int, Edit | None]]:
    """What is kept, in order: a piece of the text or an edit."""
    done, whole = 0, len(text) <= _LONG
    context = _CONTEXT if any(edit.telling for edit in edits) else _HINTS
    for edit in edits:
        if whole or edit.start - done <= 2 * context:
            yield done, edit.start, None
        else:
            if done:
                yield done, done + context, None
            yield edit.start - context, edit.start, None
        yield edit.start, edit.end, edit
        done = edit.end
    yield done, len(text) if whole else min(len(text), done + context), None
