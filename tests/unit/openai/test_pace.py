"""Answers are timed, refusals wait; the clock and the waits are the test's own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

import pytest

from gateway.openai.fields import Route
from gateway.openai.pace import LONGEST_S, Clock, Pacing
from gateway.openai.prepare import Prepared, prepare
from gateway.openai.sse import DONE
from gateway.openai.timing import UNKNOWN, Streamed, Whole


class Time:
    """Time that passes only when somebody waits."""

    def __init__(self) -> None:
        self.now = 100.0

    async def sleep(self, seconds: float) -> None:
        self.now += seconds

    def pacing(self, delayed: Callable[[float], None] = lambda seconds: None) -> Pacing:
        return Pacing(delayed, Clock(lambda: self.now, self.sleep))


@pytest.fixture
def clock() -> Time:
    return Time()


def asked(**more: object) -> Prepared:
    body = {"model": "m", "messages": [{"role": "user", "content": "hello"}], **more}
    return prepare(Route.CHAT, body, b"key")


async def events(clock: Time, *blocks: tuple[float, bytes]) -> AsyncGenerator[bytes, None]:
    for seconds, block in blocks:
        clock.now += seconds
        yield block


EVENT = b"data: {}\n\n"


async def test_a_stream_is_timed_without_the_client(clock: Time) -> None:
    pacing = clock.pacing()
    watch = pacing.stopwatch(asked(), "allowed")
    clock.now += 0.5  # the head comes first
    source = events(clock, (1.0, EVENT * 2), (0.25, EVENT), (0.5, EVENT), (0.0, DONE))
    passed = []
    async for block in watch.streamed(source):
        passed.append(block)
        clock.now += 30  # the client reads slowly
    assert passed == [EVENT * 2, EVENT, EVENT, DONE]
    assert watch.sample is not None
    assert list(watch.sample.streamed) == [
        Streamed(5, 0.5, (1.5, 2), ((0.25, 1), (0.5, 1)), (0.0, 1))
    ]


async def test_a_stream_that_broke_off_is_no_example(clock: Time) -> None:
    watch = clock.pacing().stopwatch(asked(), "allowed")
    async with aclosing(watch.streamed(events(clock, (1.0, EVENT), (1.0, EVENT)))) as passed:
        assert await anext(passed) == EVENT
    [block async for block in watch.streamed(events(clock, (1.0, EVENT), (1.0, EVENT)))]
    assert watch.sample is not None
    assert not watch.sample.streamed


def test_a_whole_answer_is_timed(clock: Time) -> None:
    watch = clock.pacing().stopwatch(asked(), "allowed")
    clock.now += 2
    watch.whole(b'{"usage":{"prompt_tokens":3,"completion_tokens":7}}')
    watch.whole(b"{}")
    assert watch.sample is not None
    assert list(watch.sample.whole) == [Whole(5, 7, 2.0)]


@pytest.mark.parametrize(
    ("outcome", "more"),
    [("enforced", {}), ("allowed", {"n": 2}), ("allowed", {"logprobs": True})],
)
def test_what_is_not_ordinary_is_no_example(outcome: str, more: dict[str, object]) -> None:
    assert Pacing(lambda seconds: None).stopwatch(asked(**more), outcome).sample is None


def test_off_nothing_is_kept_and_nothing_waits(clock: Time) -> None:
    pacing = Pacing()
    assert pacing.stopwatch(asked(), "allowed").sample is None
    assert pacing.pace(asked(), b"k") is None


async def test_a_stream_waits_block_by_block(clock: Time) -> None:
    waits: list[float] = []
    pacing = clock.pacing(waits.append)
    found = pacing.pace(asked(), b"key")
    assert found is not None
    clock.now += 0.1  # what the refusal itself took counts
    source = events(clock, *[(0.0, EVENT)] * 5, (0.0, DONE))
    seen = [(round(clock.now - 100, 3), block) async for block in found.streamed(source)]
    first, gap = UNKNOWN.first[0], UNKNOWN.middle[0][0]
    assert [at for at, _ in seen] == pytest.approx(
        [first, first + gap, first + 2 * gap, first + 3 * gap, first + 3 * gap], abs=1e-3
    )
    assert b"".join(block for _, block in seen) == EVENT * 5 + DONE
    assert sum(waits) == pytest.approx(first + 3 * gap - 0.1)


async def test_no_refusal_waits_for_long(clock: Time) -> None:
    pacing = clock.pacing()
    watch = pacing.stopwatch(asked(), "allowed")
    clock.now += 1_000
    watch.whole(b'{"completion_tokens":1}')
    began = clock.now
    found = pacing.pace(asked(), b"key")
    assert found is not None
    await found.whole(50)
    assert clock.now - began == pytest.approx(LONGEST_S)
    found = pacing.pace(asked(), b"key")
    assert found is not None
    began = clock.now
    [block async for block in found.streamed(events(clock, *[(0.0, EVENT)] * 9))]
    assert clock.now - began == pytest.approx(LONGEST_S)


async def test_models_are_told_apart_and_bounded(clock: Time) -> None:
    pacing = clock.pacing()
    for number in range(500):
        pacing.stopwatch(asked(model=f"m{number}"), "allowed").whole(b'{"completion_tokens":1}')
    last = pacing.stopwatch(asked(model="m499"), "allowed").sample
    first = pacing.stopwatch(asked(model="m0"), "allowed").sample
    assert last is not None
    assert first is not None
    assert (len(last.whole), len(first.whole)) == (1, 0)


async def test_a_client_that_leaves_ends_the_wait() -> None:
    found = Pacing(lambda seconds: None).pace(asked(), b"key")
    assert found is not None
    task = asyncio.create_task(found.whole(1_000))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
