"""How to end a JSON text before its end, so that it can still be parsed; pure, no I/O."""

from __future__ import annotations

from copy import deepcopy

from gateway.openai.scrub.json_parts import JsonParts
from gateway.openai.scrub.json_scalars import REST
from gateway.openai.scrub.json_structure import Due

_MISSING = {Due.VALUE: "null", Due.KEY: '"":null', Due.COLON: ":null"}
_SPACE, _LOW_HALF = "\\u0020", "\\udc00"
_NUMERIC = frozenset("0123456789.eE+-")


class UnfinishedJson:
    """A JSON text of which only the beginning is sent, fed with what is sent, in chunks."""

    def __init__(self) -> None:
        self._sent = JsonParts()

    def feed(self, chunk: str) -> None:
        """Take what is sent next."""
        self._sent.feed(chunk)

    def closing(self, *, empty: str = "null") -> str | None:
        """What makes JSON of what was sent; None where nothing could.

        Shortest, with null for what is missing, `empty` where no value has begun, and a space for
        an unfinished escape where it still can become one.
        """
        sent, structure = self._sent, self._sent.structure
        if not sent.hopeful:
            return None
        if structure.due is Due.VALUE and not structure.ends:
            return empty
        text = f'{_finished(sent.held)}"' if sent.in_string else REST[structure.scalar]
        return text + _MISSING.get(structure.due, "") + "".join(reversed(structure.ends))

    def cut(self, text: str, limit: int) -> int:
        """The best length at which to cut `text`, which would be sent next: at most `limit`.

        The last place at which quotes and brackets alone end the text, and in no number: neither
        a null nor another value is made up. 0 where there is none, and `limit` where what was
        sent is no JSON already: no place is better than another.
        """
        if not self._sent.hopeful:
            return limit
        trial, best = deepcopy(self._sent), 0
        for length, character in enumerate(text[:limit], 1):
            trial.feed(character)
            if _ends_here(trial, text[length : length + 1]):
                best = length
        return best


def _ends_here(sent: JsonParts, following: str) -> bool:
    """Whether quotes and brackets alone end the text, before the character that follows."""
    if not sent.hopeful:
        return False
    structure = sent.structure
    if sent.in_string:
        return not (structure.in_key or sent.held)
    if structure.due in _MISSING or REST[structure.scalar]:
        return False
    number = structure.scalar != "" and not structure.scalar.isalpha()
    return not number or (following != "" and following not in _NUMERIC)


def _finished(escape: str) -> str:
    """What makes an unfinished escape whole, and with half a surrogate pair the pair."""
    if not escape:
        return ""
    first, second = escape[:6], escape[6:]
    if len(first) == 6:
        fits = _LOW_HALF.startswith(second.lower())
        return _LOW_HALF[len(second) :] if fits else _zeros(second)
    if _SPACE.startswith(first):
        return _SPACE[len(first) :]
    rest = _zeros(first)
    return rest + _LOW_HALF if "d800" <= (first + rest)[2:].lower() <= "dbff" else rest


def _zeros(escape: str) -> str:
    return "0" * (6 - len(escape))
