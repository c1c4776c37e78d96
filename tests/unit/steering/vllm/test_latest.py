"""Counters for whoever looks: fresh where that is quick, never waited for, never asked twice."""

from __future__ import annotations

import asyncio

import pytest

from steering.vllm import latest
from steering.vllm.latest import Latest


class Workers:
    """Answer with how often they were asked, once they are let."""

    def __init__(self) -> None:
        self.asked = 0
        self.free = asyncio.Event()
        self.broken = False

    async def counters(self) -> dict[str, int]:
        self.asked += 1
        await self.free.wait()
        if self.broken:
            raise ConnectionError
        return {"steps": self.asked}


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(latest, "_PATIENCE", 0.01)


async def test_a_long_step_is_not_waited_for() -> None:
    workers = Workers()
    looking = Latest(workers.counters)
    assert await looking.look() == {}
    assert not any(await asyncio.gather(looking.look(), looking.look()))
    assert workers.asked == 1
    workers.free.set()
    await asyncio.sleep(0)
    assert await looking.look() == {"steps": 1}
    assert await looking.look() == {"steps": 2}
    workers.free.clear()
    assert await looking.look() == {"steps": 2}
    assert workers.asked == 3


async def test_a_look_that_is_cut_off_cuts_nothing_off() -> None:
    workers = Workers()
    looking = Latest(workers.counters)
    look = asyncio.create_task(looking.look())
    await asyncio.sleep(0)
    look.cancel()
    workers.free.set()
    await asyncio.sleep(0.001)
    assert await looking.look() == {"steps": 1}


async def test_workers_that_are_gone_are_told() -> None:
    workers = Workers()
    looking = Latest(workers.counters)
    assert await looking.look() == {}
    workers.broken = True
    workers.free.set()
    with pytest.raises(ConnectionError):
        await looking.look()
    workers.broken = False
    assert await looking.look() == {"steps": 2}
