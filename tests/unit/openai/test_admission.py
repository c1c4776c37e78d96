"""So many requests at once, so many in line, and the rest come back later."""

from __future__ import annotations

import asyncio

import pytest

from gateway.errors import Busy
from gateway.openai.admission import Admission


class Guest:
    """Somebody who holds a turn until told to go."""

    def __init__(self, admission: Admission) -> None:
        self.inside = False
        self._go = asyncio.Event()
        self._admission = admission
        self.task = asyncio.create_task(self._stay())

    async def _stay(self) -> None:
        async with self._admission.turn():
            self.inside = True
            await self._go.wait()
        self.inside = False

    async def leaves(self) -> None:
        self._go.set()
        await self.task
        await settled()


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def arrived(admission: Admission, count: int) -> list[Guest]:
    guests = []
    for _ in range(count):
        guests.append(Guest(admission))
        await settled()
    return guests


async def test_who_waits_comes_in_first_come_first_served() -> None:
    admission = Admission(1, 2)
    first, second, third = await arrived(admission, 3)
    assert (admission.in_flight, admission.waiting) == (1, 2)
    await first.leaves()
    assert second.inside
    assert not third.inside
    await second.leaves()
    assert third.inside
    await third.leaves()
    assert (admission.in_flight, admission.waiting) == (0, 0)


async def test_whoever_finds_the_line_full_is_told_to_come_back() -> None:
    rejected = []
    admission = Admission(1, 1, rejected=lambda: rejected.append(1))
    first, second, third = await arrived(admission, 3)
    with pytest.raises(Busy):
        await third.task
    assert rejected == [1]
    await first.leaves()
    await second.leaves()
    (again,) = await arrived(admission, 1)
    assert again.inside
    await again.leaves()


async def test_nobody_waits_for_ever() -> None:
    admission = Admission(1, 1, patience_s=0.01)
    first, second = await arrived(admission, 2)
    with pytest.raises(Busy, match="within"):
        await second.task
    assert admission.waiting == 0
    await first.leaves()


async def test_who_gives_up_waiting_takes_no_turn_away() -> None:
    admission = Admission(1, 2)
    first, second, third = await arrived(admission, 3)
    second.task.cancel()
    await first.leaves()
    assert third.inside
    await third.leaves()
    assert (admission.in_flight, admission.waiting) == (0, 0)


async def test_a_turn_that_ends_badly_is_given_back() -> None:
    admission = Admission(1, 0)
    with pytest.raises(ValueError, match="broken"):
        async with admission.turn():
            raise ValueError("broken")
    (guest,) = await arrived(admission, 1)
    assert guest.inside
    await guest.leaves()
