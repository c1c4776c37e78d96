"""Waiting for an engine that was just started."""

from __future__ import annotations

import asyncio
import time

from gateway.engines.link import EngineLink, EngineTrouble, NoPlugin
from gateway.engines.status import EngineStatus

_LOOK_S, _PATIENCE_S = 0.5, 120.0


async def tested(link: EngineLink) -> EngineStatus:
    """The status of an engine once its self-test has passed; raises `EngineTrouble`.

    Until then it may be too busy to answer: the test's first prompt has the graph traced.
    """
    late = time.monotonic() + _PATIENCE_S
    while True:
        try:
            status = await link.status()
        except NoPlugin:
            raise
        except EngineTrouble:
            if time.monotonic() > late:
                raise
        else:
            if status.self_test == "passed":
                return status
            if status.self_test == "failed":
                why = status.self_test_detail or "its self-test failed."
                raise EngineTrouble(f"The engine cannot be steered: {why}")
            if time.monotonic() > late:
                raise EngineTrouble("The engine does not end its self-test; look at its log.")
        await asyncio.sleep(_LOOK_S)
