"""The structure of JSON (RFC 8259) outside of its strings, character by character; pure."""

from __future__ import annotations

from enum import Enum, auto

from gateway.openai.scrub.json_scalars import BEGIN, NEXT, REST

_DEEPEST = 10_000
_BLANKS = " \t\n\r"


class Due(Enum):
    """What must or may come next, after the string or scalar that one is in, if any."""

    VALUE = auto()
    VALUE_OR_END = auto()
    KEY = auto()
    KEY_OR_END = auto()
    COLON = auto()
    COMMA_OR_END = auto()


class JsonStructure:
    """Where in the structure of a JSON text one is.

    What is nested more than 10,000 deep is no JSON. After a False there is no way on.
    """

    def __init__(self) -> None:
        self.ends: list[str] = []
        """The brackets that are still to be closed, outermost first."""
        self.due = Due.VALUE
        self.scalar = ""
        """The state in a number or literal, as of `json_scalars`; empty outside of them."""
        self.in_key = False
        """Whether the last string that began is a key."""

    def begin_string(self) -> bool:
        """Take a whole string, of which only its first quote has been read; whether it may."""
        if REST[self.scalar]:
            return False
        self.scalar = ""
        self.in_key = self.due in (Due.KEY, Due.KEY_OR_END)
        if not self.in_key and self.due not in (Due.VALUE, Due.VALUE_OR_END):
            return False
        self.due = Due.COLON if self.in_key else Due.COMMA_OR_END
        return True

    def step(self, character: str) -> bool:
        """Take one character that is in no string; whether it may stand here."""
        if self.scalar:
            if further := NEXT[self.scalar].get(character):
                self.scalar = further
                return True
            if REST[self.scalar]:
                return False
            self.scalar = ""
        return character in _BLANKS or self._sign(character)

    def _sign(self, character: str) -> bool:
        due = self.due
        if character in "]}":
            if due in (Due.VALUE, Due.KEY, Due.COLON) or self.ends[-1:] != [character]:
                return False
            self.ends.pop()
            self.due = Due.COMMA_OR_END
        elif due in (Due.VALUE, Due.VALUE_OR_END):
            return self._begin_value(character)
        elif due is Due.COLON and character == ":":
            self.due = Due.VALUE
        elif due is Due.COMMA_OR_END and character == "," and self.ends:
            self.due = Due.KEY if self.ends[-1] == "}" else Due.VALUE
        else:
            return False
        return True

    def _begin_value(self, character: str) -> bool:
        if character in "[{":
            self.ends.append("]" if character == "[" else "}")
            self.due = Due.VALUE_OR_END if character == "[" else Due.KEY_OR_END
            return len(self.ends) <= _DEEPEST
        self.scalar = BEGIN.get(character, "")
        self.due = Due.COMMA_OR_END
        return bool(self.scalar)
