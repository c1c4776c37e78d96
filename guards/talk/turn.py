"""The current turn as one text, and what was said before it that may bear on it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate

from guards.evidence import Place
from guards.talk.conversation import BACKGROUND, Conversation
from guards.talk.followup import goes_on, means_somebody
from guards.talk.reference import Reading
from guards.text.choose import MAX_WINDOWS, Weigh, windows
from guards.text.segment import readable

_RECENT = 4
"""Earlier user messages that are looked at for what they mean."""
_BEFORE, _BACKGROUND, _NAMED = 12, 8, 8
"""Windows for those, for the system prompt, and for the turn read with a name said before."""
_TOPICS = 8
"""Earlier user messages that are read to find where the latest topic began."""
_BRIEF = 3
"""Words up to which an earlier message is no topic of its own."""
_READ = 2000
"""Characters at either end of a text that are read word by word."""


@dataclass(frozen=True, slots=True)
class Window:
    """A text to embed, where it stands, and the text around it."""

    place: Place
    text: str = field(repr=False)
    around: str = field(repr=False)


class Turn:
    """What nobody has answered yet of one conversation; lives for one verdict."""

    def __init__(self, conversation: Conversation) -> None:
        self._messages = conversation.messages
        self.begin = conversation.turn
        self.asked = conversation.asked
        texts = [message.text for message in self._messages[self.begin :]]
        # Joined, because a question may be spread over messages as over lines; and so that one
        # bound holds for all of them.
        self._text = "\n".join(texts)
        self._starts = [0, *accumulate(len(text) + 1 for text in texts[:-1])]
        said = [m.text for m in self._messages[self.begin :] if m.role == "user"]
        self._said = shortened("\n".join(said) if said else self._text)
        self._reading = Reading.of(self._said)
        self._known: dict[frozenset[str], bool] = {}

    @property
    def everything(self) -> Place:
        """The whole of the last user message, as what goes on with something said before."""
        return Place(self.asked, (0, len(self._messages[self.asked].text)), "history")

    def goes_on(self, subject: frozenset[str] = frozenset()) -> bool:
        """Whether the turn goes on with what was said before about a subject, by its names."""
        if self.begin == 0:
            return False
        # Only a name that is said makes a difference: conversations can name thousands.
        if not any(word.part_of(subject) for word in self._reading.words):
            subject = frozenset()
        if subject not in self._known:
            self._known[subject] = goes_on(self._said, self._reading, subject)
        return self._known[subject]

    def since(self, subject: frozenset[str] = frozenset()) -> int:
        """Index of the first message that the turn may go on with.

        A turn that speaks of somebody may mean anybody named before. Any other ("Make it
        shorter.") goes on with the latest topic: the last earlier user message that stood by
        itself. What was named before that is closed.
        """
        if means_somebody(self._said, self._reading, subject):
            return 0
        return self._topic

    @cached_property
    def _topic(self) -> int:
        users = [i for i in range(self.begin) if self._messages[i].role == "user"]
        for number in reversed(users[-_TOPICS:]):
            text = shortened(self._messages[number].text)
            read = Reading.of(text)
            if len(read.words) > _BRIEF and not goes_on(text, read, frozenset()):
                return number
        return 0

    def windows(self, names: Iterable[str], weigh: Weigh) -> Iterator[Window]:
        """What to embed; `names` were said before of somebody whom the turn may mean."""
        names = list(names)
        before = self.goes_on()
        room = MAX_WINDOWS - _NAMED * bool(names) - (_BEFORE + _BACKGROUND) * before
        for span in windows(self._text, room, weigh):
            text = readable(self._text[slice(*span)])
            yield Window(self._place(*span), text, self._text)
        asked = self._messages[self.asked].text
        for name in names[:_NAMED]:
            for start, end in windows(asked, max(1, _NAMED // len(names)), weigh):
                place = Place(self.asked, (start, end), "history")
                yield Window(place, readable(f"{name}: {asked[start:end]}"), asked)
        if before:
            yield from self._earlier(weigh)

    def _earlier(self, weigh: Weigh) -> Iterator[Window]:
        earlier = self._messages[: self.begin]
        topic = self._messages[self.since() : self.begin]
        users = [m.text for m in topic if m.role == "user"][-_RECENT:]
        system = [m.text for m in earlier if m.role in BACKGROUND]
        for texts, room in ((users, _BEFORE), (system, _BACKGROUND)):
            text = "\n".join(texts)
            for start, end in windows(text, room, weigh):
                place = Place(self.asked, self.everything.span, "earlier")
                yield Window(place, readable(text[start:end]), text)

    def _place(self, start: int, end: int) -> Place:
        """Where in the messages a window of the turn stands; one message is named of several."""
        first = bisect_right(self._starts, start) - 1
        last = bisect_right(self._starts, end - 1) - 1
        number = self.asked - self.begin if first < self.asked - self.begin <= last else first
        begin = self._starts[number]
        length = len(self._messages[self.begin + number].text)
        span = (max(0, start - begin), min(length, end - begin))
        return Place(self.begin + number, span, "text")


def shortened(text: str) -> str:
    """The two ends of a very long text, to be read word by word."""
    return text if len(text) <= 2 * _READ else f"{text[:_READ]}\n{text[-_READ:]}"
