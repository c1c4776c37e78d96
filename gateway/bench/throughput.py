"""`lethe bench gateway`: what Lethe costs on the way of a chat request.

Servers stand side by side: a stub of vLLM, a bare pass-through before it, and gateways before it
with other layers and more or fewer requests filed. Rounds are interleaved, so that a noisy
machine is noisy for all; every prompt is distinct, so that no cache answers.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import platformdirs

from gateway.bench.filled import fill
from gateway.bench.measured import Measured, Setup, cases
from gateway.bench.servers import server, url
from gateway.encoder_cache import CachedEncoder
from gateway.encoder_load import load_encoder
from gateway.processes import gateway_child
from guards.meaning.adapter import shipped_adapter

LAYERS = {"none": "", "guards": "screen", "all": "screen,rotate,ban,filter"}
"""What acts in a gateway, by the name under which it is reported; prompts are always judged."""


def bench_gateway(setup: Setup, progress: Callable[[str], None]) -> list[dict[str, Any]]:
    """One case for each server, prompt length and number of connections; see `measured.cases`."""
    with _servers(setup, progress) as found:
        servers = list(found)
        asyncio.run(_measure(setup, servers, progress))
        return cases(setup, servers)


@contextmanager
def _servers(setup: Setup, progress: Callable[[str], None]) -> Iterator[list[Measured]]:
    with tempfile.TemporaryDirectory(prefix="lethe-bench-") as folder, ExitStack() as stack:
        data = Path(folder)
        stub = stack.enter_context(server("gateway.bench.talking", data))
        bare = stack.enter_context(server("gateway.bench.bare", data, "--upstream", url(stub)))
        running = [Measured("stub", stub, url(stub)), Measured("bare", bare, url(bare))]
        encoder = CachedEncoder(
            load_encoder(None, Path(platformdirs.user_cache_dir("lethe"))), shipped_adapter()
        )
        for filed in setup.filed:
            home = data / f"filed-{filed}"
            home.mkdir()
            if filed:
                progress(f"filing {filed} requests")
                asyncio.run(fill(home, filed, encoder))
            for layers in setup.layers:
                progress(f"starting a gateway: {layers}, {filed} filed")
                child, base = gateway_child(home, url(stub), layers=LAYERS[layers])
                child.timeout_s = 600.0
                stack.enter_context(child)
                name = "lethe" if (layers, filed) == setup.main else f"lethe {layers} {filed}"
                running.append(Measured(name, child, base, layers, filed))
        yield running


async def _measure(setup: Setup, servers: list[Measured], progress: Callable[[str], None]) -> None:
    cells = setup.cells
    for turn in range(setup.rounds + 1):  # the first round warms up and is not counted
        progress(f"round {turn} of {setup.rounds}")
        for cell in cells:
            for one in servers:
                await one.rates(cell, setup.count, turn)
        for one in servers:
            await one.latencies(turn)
    for one in servers:
        progress(f"{one.name}: at a fixed rate, and token by token")
        await one.open_loop(setup.seconds)
        await one.paced(servers[0].url)
