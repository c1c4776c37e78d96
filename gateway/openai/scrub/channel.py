"""One text of a reply on its way out: a content, a reasoning, the arguments of a tool."""

from __future__ import annotations

from gateway.openai.scrub.json_close import UnfinishedJson
from gateway.openai.scrub.json_text import JsonText
from guards.leak.filter import LeakFilter
from guards.leak.matcher import Leak
from guards.leak.sentences import Sentences
from guards.leak.watch import Watch


class Json:
    """Arguments or a structured answer: read for what it says, cut so that it stays JSON.

    It is read twice: as it stands, without the escapes in its strings, and its values alone, so
    that a name that is spread over two of them is found. `before` is no part of the JSON: it is
    what the reader has already.
    """

    def __init__(self, watch: Watch, before: str = "") -> None:
        self.leak: Leak | None = None
        self._views = [
            (JsonText(), LeakFilter(watch, before)),
            (JsonText(values=True), LeakFilter(watch, before)),
        ]
        self._passed = [0] * len(self._views)
        self._raw = ""
        self._begin = 0
        """Characters that have gone out; of all others `_raw` is made."""
        self._sent = UnfinishedJson()

    @property
    def held(self) -> bool:
        """Whether something is held back."""
        return bool(self._raw)

    @property
    def undecided(self) -> int:
        """Characters that are held back because something forbidden may have begun."""
        return len(self._raw)

    @property
    def pending(self) -> str:
        """The end of the text with which something forbidden may have begun."""
        return self._views[0][1].pending

    def feed(self, text: str) -> str:
        """What may go out now that so much more has come."""
        self._raw += text
        return self._release([view.feed(text) for view, _ in self._views], final=False)

    def flush(self) -> str:
        """What may go out now that the text has ended."""
        return self._release([view.end() for view, _ in self._views], final=True)

    def closing(self) -> str:
        """The rest of a JSON text that was stopped; what is no JSON is left as it is."""
        return self._sent.closing(empty="{}") or ""

    def _release(self, said: list[str], final: bool) -> str:
        if self.leak is not None:
            return ""
        offsets = []
        for number, ((view, leaks), text) in enumerate(zip(self._views, said, strict=True)):
            self._passed[number] += len(leaks.feed(text))
            if final:
                self._passed[number] += len(leaks.flush())
            self.leak = self.leak or leaks.leak
            offsets.append(view.release(self._passed[number]))
        end = min(offsets) - self._begin
        if final and self.leak is None:
            end = len(self._raw)
        passed, self._raw = self._raw[:end], self._raw[end:]
        self._begin += end
        self._sent.feed(passed)
        return passed


Prose = LeakFilter | Sentences
Channel = Prose | Json
"""A text that comes in pieces: `feed` and `flush` give what of it may go out, `held` says whether
something is held back, `leak` what it was stopped for."""
