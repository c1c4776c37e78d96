"""The current turn as one text, and what was said before it that may bear on it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate

from guards.evidence import Place
from guards.talk.conversation import BACKGROUND, Conversation
from guards.talk.followup import Link, courteous, link
from guards.talk.pacts import Pact, pacts
from guards.talk.persons import names_somebody
from guards.talk.reading import Reading
from guards.text.choose import MAX_WINDOWS, Weigh, windows
from guards.text.segment import readable

_RECENT = 4
"""Earlier user messages that are looked at for what they mean."""
_BEFORE, _BACKGROUND, _NAMED = 12, 8, 8
"""Windows for those, for the system prompt, and for the turn read with a name said before."""
_TOPICS = 8
"""Earlier user messages that are read to find where the latest topic began."""
_AGREED = 64
"""Earlier messages in which something may have been agreed."""
_READ = 2000
"""Characters at either end of a text that are read word by word."""
_WHO = frozenset("who whose whom wer qui quién chi".split())
"""A question whose answer tells a person."""


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
        self._links: dict[frozenset[str], Link] = {}

    @property
    def everything(self) -> Place:
        """The whole of the last user message, as what goes on with something said before."""
        return Place(self.asked, (0, len(self._messages[self.asked].text)), "history")

    def goes_on(self, subject: frozenset[str] = frozenset()) -> bool:
        """Whether the turn goes on with what was said before about a subject, by its names."""
        return self.begin > 0 and self._link(subject) is not Link.APART

    def since(self, subject: frozenset[str] = frozenset()) -> int:
        """Index of the first message that the turn may go on with.

        What names the subject or speaks of the conversation may mean anything said before; "she"
        the person told last: an earlier message that stood by itself and told somebody closes
        what was before it, or its reply where it asked who. Any other turn ("Make it shorter.")
        goes on with the latest topic, the last earlier user message that stood by itself; with
        the system prompt only where it says nothing at all of its own ("Begin.").
        """
        how = self._link(subject)
        if how is Link.ANY:
            return 0
        if how is Link.PERSON:
            return self._told_one
        if how is Link.SEVERAL:
            return self._told(many=True)
        topic = self._topic
        if topic is None:
            return 0 if how is Link.EMPTY else self._background
        return topic

    def _link(self, subject: frozenset[str]) -> Link:
        if self._covered(subject):
            return Link.ANY
        # Only a name that is said makes a difference: conversations can name thousands.
        if not any(word.part_of(subject) for word in self._reading.words):
            subject = frozenset()
        if subject not in self._links:
            self._links[subject] = link(self._said, self._reading, subject)
        return self._links[subject]

    def _covered(self, subject: frozenset[str]) -> bool:
        """Whether something agreed before makes this turn one about a subject."""
        return bool(subject) and any(
            not pact.words.isdisjoint(subject) and pact.covers(self._reading)
            for pact in self._pacts
        )

    @cached_property
    def _pacts(self) -> list[Pact]:
        earlier = self._messages[: self.begin]
        return pacts(shortened(m.text) for m in earlier[-_AGREED:] if m.role != "assistant")

    @cached_property
    def _background(self) -> int:
        roles = (message.role for message in self._messages)
        return next((i for i, role in enumerate(roles) if role not in BACKGROUND), 0)

    def _topics(self) -> Iterator[tuple[int, Reading]]:
        """The latest earlier user messages that stood by themselves, the last first."""
        users = [i for i in range(self.begin) if self._messages[i].role == "user"]
        for number in reversed(users[-_TOPICS:]):
            text = shortened(self._messages[number].text)
            read = Reading.of(text)
            if not courteous(text, read) and link(text, read, frozenset()) is Link.APART:
                yield number, read

    @cached_property
    def _topic(self) -> int | None:
        return next((number for number, _ in self._topics()), None)

    @cached_property
    def _told_one(self) -> int:
        return self._told(many=False)

    def _told(self, many: bool) -> int:
        """Index of the latest message that told a person, or `many`."""
        for number, read in self._topics():
            if names_somebody(read, many=many):
                return number
            if not _WHO.isdisjoint(word.plain for word in read.words):
                after = self._messages[number + 1]
                if after.role == "assistant" and names_somebody(Reading.of(after.text[:_READ])):
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
