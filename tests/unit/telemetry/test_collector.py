"""Traces are sent to a collector, and one that cannot be reached holds nothing up."""

from __future__ import annotations

import socket
import subprocess
import sys

import pytest

CHILD = """
import asyncio, sys
from gateway.logs import write_log
from gateway.telemetry.tracing import open_tracing

async def main():
    async with open_tracing(sys.argv[1], "me") as tracing:
        for _ in range(5_000):  # more than wait to be sent at a time
            tracing.took("screen", 0.001, {})

write_log()
asyncio.run(main())
print("ended")
"""


@pytest.mark.parametrize("listening", [False, True])
def test_a_process_ends_without_its_collector(listening: bool) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1] if listening else 1
        done = subprocess.run(
            [sys.executable, "-c", CHILD, f"http://127.0.0.1:{port}"],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.stdout == "ended\n"
    assert "The last spans could not be sent in time." in done.stderr
    assert len(done.stderr.splitlines()) == 2
