"""Webhooks of one gateway, running."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from gateway.registry.redis_store import RedisRegistry
from gateway.settings import Settings
from gateway.signing import Signer
from gateway.telemetry import Metrics
from gateway.webhooks.addresses import Reach
from gateway.webhooks.dispatcher import Dispatcher
from gateway.webhooks.posting import Post
from gateway.webhooks.sending import Sender

_TIMEOUT_S = 10.0


@asynccontextmanager
async def delivering(
    registry: RedisRegistry,
    settings: Settings,
    signer: Signer,
    metrics: Metrics,
    *,
    gateway_id: str,
    following: Callable[[], bool],
) -> AsyncIterator[Dispatcher]:
    """A dispatcher that sends where the settings let it, and is told of by the metrics."""
    async with (
        Sender(Reach.of(settings), _TIMEOUT_S) as sender,
        Dispatcher(
            registry,
            Post(registry, sender, signer.sign),
            gateway_id=gateway_id,
            following=following,
            counted=metrics.webhook,
        ) as dispatcher,
    ):
        metrics.tell(metrics.webhooks_waiting, lambda: dispatcher.waiting)
        yield dispatcher
