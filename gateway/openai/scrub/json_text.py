"""What a JSON text says, while it arrives, and where in it that stands; pure, no I/O."""

from __future__ import annotations

from array import array
from bisect import bisect_right

from gateway.openai.scrub.json_parts import JsonParts, Kind, Part


class JsonText:
    """Reads tool-call arguments or a structured answer in chunks, as what they say.

    Either all of the text with the escapes in its strings decoded, or with `values` its string
    values alone, each followed by one space: `{"first":"Mira","last":"Quell"}` says
    "Mira Quell ". From where a text is no JSON both read it alike: all of it.

    `said` below counts characters of what `feed` has returned, from the first on. Linear in the
    text; keeps an unfinished escape, and a place in the text for each escape or value that has
    not been released.
    """

    def __init__(self, *, values: bool = False) -> None:
        self._values = values
        self._parts = JsonParts()
        self._spaced = True  # nothing has been said that a space would set off
        self._said = self._raw = 0
        # From said[i] on, characters stand side by side in the raw text, from raw[i] on.
        self._said_at, self._raw_at = array("Q", [0]), array("Q", [0])

    def feed(self, chunk: str) -> str:
        """What is said by all that is whole now and was not before."""
        return self._read(self._parts.feed(chunk))

    def end(self) -> str:
        """At the end of the text: what an escape that was never finished reads as, itself."""
        return self._read(self._parts.end())

    def raw_offset(self, said: int) -> int:
        """Where in the raw text the character at `said` begins: the place to cut before it.

        Once all that is said before it is safe, the raw text up to there may be sent. At the end
        of what has been said so far that is all of the raw text but an unfinished escape. `said`
        must not be before what has been released.
        """
        if said >= self._said:
            return self._raw
        run = bisect_right(self._said_at, said) - 1
        return self._raw_at[run] + said - self._said_at[run]

    def release(self, said: int) -> int:
        """The same, where nobody will ask about what is before `said` any more."""
        offset = self.raw_offset(said)
        done = bisect_right(self._said_at, said) - 1
        if 2 * done > len(self._said_at):  # so that a long rest is not moved again and again
            del self._said_at[:done], self._raw_at[:done]
        return offset

    def _read(self, parts: list[Part]) -> str:
        texts = []
        for part in parts:
            text = self._heard(part) if self._values else part.said
            if text:
                if self._raw - self._raw_at[-1] != self._said - self._said_at[-1]:
                    self._said_at.append(self._said)
                    self._raw_at.append(self._raw)
                texts.append(text)
                self._said += len(text)
            self._raw += part.length
        return "".join(texts)

    def _heard(self, part: Part) -> str:
        if part.kind in (Kind.VALUE, Kind.LOOSE):
            self._spaced = False
            return part.said
        if part.kind is Kind.END and not self._spaced:
            self._spaced = True
            return " "
        return ""
