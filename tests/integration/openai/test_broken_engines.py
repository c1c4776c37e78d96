"""Engines and clients that misbehave while the filter acts: a clear end, and nothing is told."""

from __future__ import annotations

import asyncio
import json
import socket
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import orjson
import pytest

from gateway.bench.stub import Stub
from gateway.openai import answers as leaving_answers
from gateway.openai.presence import ClientPresence
from tests.integration.openai.conftest import Gateway, Start, eventually
from tests.integration.openai.scripted import answers, contents, forbidding, says, text
from tests.integration.openai.test_surface import ROUTES, STREAM, body, saying

HERON = {"forbidden": ("Operation Night Heron",)}
CHAT = "chat/completions"


async def read(gateway: Gateway, route: str = CHAT, **more: Any) -> tuple[int, str]:
    async with gateway.session.post(
        f"{gateway.url}/v1/{route}", json=body(route, **more)
    ) as answer:
        return answer.status, await answer.text()


def sending(stub: Stub, *blocks: bytes) -> Stub:
    """The same engine, that sends these bytes block by block instead."""
    stub._events[True] = list(blocks)
    return stub


@ROUTES
@STREAM
async def test_what_was_held_is_not_told_at_a_break(start: Start, route: str, stream: bool) -> None:
    stub = saying(route, stream, "It is Operation Night Her")
    chat = route != "completions"
    if stream:
        stub._events[chat] = stub._events[chat][:-2]  # neither an end of the choice nor of all
    else:
        stub.mode = "break"
    gateway = await start([stub], **forbidding(HERON))
    status, told = await read(gateway, route, stream=stream)
    assert status == (200 if stream else 502)
    assert "Operation" not in told
    assert "error" in told
    assert "[DONE]" not in told
    assert gateway.pool.endpoints[0].outstanding == 0


async def test_a_character_that_is_cut_in_two_is_one(start: Start) -> None:
    stub = says(*text("Grüße aus ", "Łódź 🦉."))
    whole = b"".join(stub._events[True])
    sending(stub, *(whole[i : i + 1] for i in range(len(whole))))
    gateway = await start([stub], **forbidding(HERON))
    stream = await gateway.client.chat.completions.create(
        model="stub", messages=[{"role": "user", "content": "Hello?"}], stream=True
    )
    assert contents([chunk async for chunk in stream]) == "Grüße aus Łódź 🦉."


@pytest.mark.parametrize("cut", [b"\xc3", b"\xed\xa0\x80", b"\xff"])
async def test_bytes_that_are_no_text_end_the_stream(start: Start, cut: bytes) -> None:
    stub = says(*text("One ", "two"))
    first, second, *rest = stub._events[True]
    begun, ended = second.split(b"two")
    sending(stub, first, begun + cut, ended, *rest)
    gateway = await start([stub], **forbidding(HERON))
    _, told = await read(gateway, stream=True)
    assert "upstream_malformed" in told
    assert told.count('"error"') == 1
    assert "[DONE]" not in told


async def test_what_an_event_has_beside_its_data_is_not_passed_on(start: Start) -> None:
    stub = says(*text("Well."))
    first, *rest = stub._events[True]
    told = b"Operation Night Heron"
    named = b"event: " + told + b"\nid: " + told + b"\n" + first
    gateway = await start(
        [sending(stub, b": " + told + b"\n\n", named, *rest)], **forbidding(HERON)
    )
    _, reply = await read(gateway, stream=True)
    assert "Heron" not in reply
    assert "Well." in reply


async def test_megabytes_of_arguments_in_one_piece_arrive(start: Start) -> None:
    arguments = orjson.dumps({"at": "x" * 2**20, "end": "a night heron"}).decode()
    call = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": arguments}}
    gateway = await start(
        [says({"tool_calls": [{"index": 0, **call}]}, finish="tool_calls")], **forbidding(HERON)
    )
    _, told = await read(gateway, stream=True)
    events = [json.loads(line[6:]) for line in told.split("\n\n") if line.startswith("data: {")]
    said = "".join(
        one["function"].get("arguments") or ""
        for event in events
        for one in event["choices"][0]["delta"].get("tool_calls") or ()
    )
    assert said == arguments


async def test_a_giant_event_ends_the_stream(start: Start) -> None:
    stub = says(*text("One "))
    sending(stub, stub._events[True][0], b'data: {"choices": "', *[b"x" * 2**20] * 17)
    gateway = await start([stub], **forbidding(HERON))
    _, told = await read(gateway, stream=True)
    assert "upstream_malformed" in told


@STREAM
async def test_too_many_texts_are_no_answer(start: Start, stream: bool) -> None:
    message = {"content": "Well.", **{f"field{n}": "x" for n in range(5_000)}}
    stub = says(message) if stream else answers(message)
    gateway = await start([stub], **forbidding(HERON))
    status, told = await read(gateway, stream=stream)
    assert status == (200 if stream else 502)
    assert "upstream_malformed" in told


async def opened(
    gateway: Gateway, buffer: int
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A client that has asked for a stream and reads nothing of it."""
    address = urlsplit(gateway.url)
    one = socket.socket()
    one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
    one.setblocking(False)
    await asyncio.get_running_loop().sock_connect(one, (address.hostname, address.port))
    reader, writer = await asyncio.open_connection(sock=one, limit=buffer)
    content = orjson.dumps(body(CHAT, stream=True))
    writer.write(
        b"POST /v1/chat/completions HTTP/1.1\r\nHost: gateway\r\n"
        b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(content) + content
    )
    return reader, writer


async def test_a_client_that_stops_reading_is_counted_as_aborted(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    impatient = partial(ClientPresence, stall_s=0.3)
    monkeypatch.setattr(leaving_answers, "ClientPresence", impatient)
    stub = says(*text("x" * 2**16))
    stub._events[True] = [stub._events[True][0]] * 1_000
    gateway = await start([stub], **forbidding(HERON))
    _, writer = await opened(gateway, 4_096)
    await eventually(lambda: gateway.counted == ["aborted"], timeout_s=20)
    assert gateway.pool.endpoints[0].outstanding == 0
    writer.close()


async def test_a_client_that_closes_its_half_is_counted_as_aborted(start: Start) -> None:
    stub = says(*text(*["word "] * 1_000))
    stub.mode, stub.delay_s = "slow", 0.01
    gateway = await start([stub], **forbidding(HERON))
    reader, writer = await opened(gateway, 2**16)
    assert await reader.readline() == b"HTTP/1.1 200 OK\r\n"
    writer.write_eof()
    await eventually(lambda: gateway.counted == ["aborted"])
    await eventually(lambda: stub.cancelled == 1)
    writer.close()
