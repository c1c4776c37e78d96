"""Slots: one for each content that is in use, none lost, none shared by different contents."""

from __future__ import annotations

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from steering.vllm.slots import NoSlot, Slots

SIZE = 3
TEXTS = st.sampled_from("abcde")


class Lives(RuleBasedStateMachine):
    """Any order of taking and giving; `written` is what the tables would hold."""

    def __init__(self) -> None:
        super().__init__()
        self.slots = Slots(SIZE)
        self.users: dict[str, int] = {}
        self.written: dict[int, str] = {}

    @rule(text=TEXTS)
    def take(self, text: str) -> None:
        def fill(slot: int) -> None:
            self.written[slot] = text

        if text not in self.users and len(self.users) == SIZE:
            with pytest.raises(NoSlot):
                self.slots.take(text, fill)
            return
        slot = self.slots.take(text, fill)
        assert 1 <= slot <= SIZE
        assert self.written[slot] == text
        self.users[text] = self.users.get(text, 0) + 1

    @rule(text=TEXTS)
    def take_what_cannot_be_filled(self, text: str) -> None:
        def fill(slot: int) -> None:
            raise ValueError("cannot be filled")

        if text in self.users or len(self.users) == SIZE or text in self.written.values():
            return
        with pytest.raises(ValueError, match="cannot be filled"):
            self.slots.take(text, fill)

    @rule(text=TEXTS)
    def give(self, text: str) -> None:
        if text in self.users:
            self.slots.give(text)
            self.users[text] -= 1
            if not self.users[text]:
                del self.users[text]

    @invariant()
    def in_use(self) -> None:
        assert self.slots.used == len(self.users)


TestLives = Lives.TestCase


def test_what_comes_back_is_not_filled_again() -> None:
    slots = Slots(2)
    filled: list[int] = []
    first = slots.take("a", filled.append)
    slots.give("a")
    assert slots.take("a", filled.append) == first
    assert filled == [first]
