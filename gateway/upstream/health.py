"""Health checks: which endpoints answer, and what they serve."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import aiohttp
import orjson

from gateway.upstream.endpoint import Endpoint

# What a client may know of a model; vLLM also tells the folder that it was loaded from.
_CARD = ("id", "object", "created", "owned_by", "max_model_len")


async def check_forever(
    session: aiohttp.ClientSession, endpoints: Sequence[Endpoint], interval_s: float
) -> None:
    """Check all endpoints again and again; ends when cancelled."""
    while True:
        await asyncio.sleep(interval_s)
        await check_all(session, endpoints)


async def check_all(session: aiohttp.ClientSession, endpoints: Sequence[Endpoint]) -> None:
    """Check all endpoints once, side by side; the session's time-out bounds it."""
    await asyncio.gather(*(_check(session, endpoint) for endpoint in endpoints))


async def _check(session: aiohttp.ClientSession, endpoint: Endpoint) -> None:
    try:
        async with session.get(endpoint.target("/health")) as response:
            alive = response.status == 200
        models = await _models(session, endpoint) if alive else None
    except aiohttp.ClientConnectorError:
        endpoint.went_down()
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
        endpoint.faltered()
    else:
        if models is None:
            endpoint.faltered()
        else:
            endpoint.came_up(models)


async def _models(
    session: aiohttp.ClientSession, endpoint: Endpoint
) -> dict[str, dict[str, Any]] | None:
    async with session.get(endpoint.target("/v1/models")) as response:
        if response.status != 200:
            return None
        listing = orjson.loads(await response.read())
    cards = listing.get("data") if isinstance(listing, dict) else None
    if not isinstance(cards, list):
        return None
    return {
        card["id"]: {key: card[key] for key in _CARD if key in card}
        for card in cards
        if isinstance(card, dict) and isinstance(card.get("id"), str)
    }
