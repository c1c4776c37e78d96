"""How the store is doing, as `GET /admin/status` tells of it."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

from gateway.registry.health import StoreHealth
from gateway.registry.store import Registry
from gateway.times import timestamp


def store_view(store: StoreHealth | None, registry: Registry) -> dict[str, Any] | None:
    """Version, memory in bytes, persistence and clock; None while it cannot be reached."""
    if store is None:
        return None
    return {
        "version": store.version,
        "used_memory": store.used_memory,
        "max_memory": store.max_memory,
        "policy": store.policy,
        "persistent": store.persistent,
        "volatile": registry.volatile,
        "ledger_length": store.ledger_length,
        "clock": timestamp(moment(store.clock)),
        "clock_ahead_s": round(store.clock - time.time(), 3),
        "warnings": registry.warnings,
    }


def moment(seconds: float | None) -> datetime | None:
    """A time in seconds since 1970."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
