"""What was said so far, stripped to roles and texts."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Message:
    """One message: its role ("user", "system", "assistant", "tool", …) and its whole text."""

    role: str
    text: str


@dataclass(frozen=True, slots=True)
class Conversation:
    """The messages of one request, oldest first."""

    messages: tuple[Message, ...]

    @classmethod
    def of(cls, text: str) -> Conversation:
        """A conversation of one user message."""
        return cls((Message("user", text),))

    @property
    def turn(self) -> int:
        """Index where the current turn begins: the last user message.

        What follows it (tool results, an assistant prefill) belongs to the same turn. Without
        a user message everything is one turn.
        """
        users = (i for i in reversed(range(len(self.messages))) if self.messages[i].role == "user")
        return next(users, 0)
