"""What was said so far, stripped to roles and texts."""

from __future__ import annotations

from dataclasses import dataclass, field

BACKGROUND = frozenset({"system", "developer"})
"""Roles whose messages at the beginning of a conversation hold for all of it."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message: its role ("user", "system", "assistant", "tool", …) and its whole text."""

    role: str
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Conversation:
    """The messages of one request, oldest first."""

    messages: tuple[Message, ...] = field(repr=False)

    @classmethod
    def of(cls, text: str) -> Conversation:
        """A conversation of one user message."""
        return cls((Message("user", text),))

    @property
    def turn(self) -> int:
        """Index where the current turn begins: what nobody has answered yet.

        That is the last user message with all that follows it (tool results, an assistant
        prefill), and whatever stands between it and the reply before it: "Please answer." after
        a question is one turn with the question. A system prompt at the very beginning is
        background to all turns. Without a user message everything is one turn.
        """
        users = [i for i, message in enumerate(self.messages) if message.role == "user"]
        if not users:
            return 0
        begin = users[-1]
        while begin and self.messages[begin - 1].role != "assistant":
            begin -= 1
        if begin == 0:
            while self.messages[begin].role in BACKGROUND:
                begin += 1
        return begin

    @property
    def asked(self) -> int:
        """Index of the last user message, or of the first message where there is none."""
        users = (i for i in reversed(range(len(self.messages))) if self.messages[i].role == "user")
        return next(users, 0)
