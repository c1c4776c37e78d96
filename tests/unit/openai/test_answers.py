"""Streamed answers end, whatever the client does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import pytest

from gateway.openai.answers import EventAnswer
from gateway.openai.presence import ClientGone, ClientPresence


class Source:
    """Endless events; remembers that it was closed."""

    def __init__(self) -> None:
        self.closed = False

    async def events(self) -> AsyncGenerator[bytes, None]:
        try:
            while True:
                await asyncio.sleep(0)
                yield b"data: {}\n\n"
        finally:
            self.closed = True


async def never() -> Any:
    await asyncio.Event().wait()


async def test_a_client_that_leaves_closes_the_source() -> None:
    source, ends, sent = Source(), list[bool](), list[Any]()
    left = asyncio.Event()

    async def receive() -> Any:
        await left.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)
        if len(sent) == 5:
            left.set()

    await EventAnswer(source.events(), "id", ends.append)({"type": "http"}, receive, send)
    assert source.closed
    assert ends == [False]
    assert all(message.get("more_body", True) for message in sent)


async def test_a_client_that_does_not_read_counts_as_gone() -> None:
    async def stalling() -> None:
        async with ClientPresence(never, stall_s=0.02) as client:
            client.sending = 1
            await never()

    with pytest.raises(ClientGone):
        await stalling()


async def test_waiting_for_the_engine_is_no_stall() -> None:
    async with ClientPresence(never, stall_s=0.01):
        await asyncio.sleep(0.05)


async def test_a_cancellation_from_outside_stays_one() -> None:
    async def work() -> None:
        async with ClientPresence(never):
            await never()

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_source_that_fails_is_closed_and_the_failure_told() -> None:
    ends = list[bool]()

    async def failing() -> AsyncGenerator[bytes, None]:
        yield b"data: {}\n\n"
        raise ValueError("no event")

    async def send(message: Any) -> None:
        await asyncio.sleep(0)

    with pytest.raises(ValueError, match="no event"):
        await EventAnswer(failing(), "id", ends.append)({"type": "http"}, never, send)
    assert ends == [False]


async def test_a_client_that_left_before_the_first_byte_ends_it_too() -> None:
    ends = list[bool]()

    async def receive() -> Any:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        await never()

    await EventAnswer(Source().events(), "id", ends.append)({"type": "http"}, receive, send)
    assert ends == [False]
