"""Slots of the pull tables: who uses which, counted by content."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from steering.errors import SteeringError


class NoSlot(SteeringError):
    """More interventions at once than there are slots."""


class Slots:
    """Slots 1 to `size`, each for one text; slot 0 means nothing and is never given.

    Equal texts share a slot. One that nobody uses keeps its content until the slot is needed, so
    that a request that is taken out of the batch and comes back costs nothing.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self._slot: dict[str, int] = {}
        self._users: dict[str, int] = {}
        self._idle: OrderedDict[str, None] = OrderedDict()
        self._free = list(range(size, 0, -1))

    @property
    def used(self) -> int:
        """How many slots somebody uses."""
        return len(self._users)

    def take(self, text: str, fill: Callable[[int], None]) -> int:
        """A slot for a text; `fill(slot)` writes its content where it is not there yet.

        Raises `NoSlot`, and whatever `fill` raises; then nothing was taken.
        """
        slot = self._slot.get(text)
        if slot is None:
            slot = self._empty()
            try:
                fill(slot)
            except BaseException:
                self._free.append(slot)
                raise
            self._slot[text] = slot
        self._idle.pop(text, None)
        self._users[text] = self._users.get(text, 0) + 1
        return slot

    def give(self, text: str) -> None:
        """One user fewer of a text that was taken."""
        users = self._users.pop(text) - 1
        if users:
            self._users[text] = users
        else:
            self._idle[text] = None

    def _empty(self) -> int:
        if self._free:
            return self._free.pop()
        if self._idle:
            oldest, _ = self._idle.popitem(last=False)
            return self._slot.pop(oldest)
        raise NoSlot(f"all {self.size} slots are in use.")
