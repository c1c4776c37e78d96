"""A dry run of a filing: nothing is filed, and what it would block of ordinary use is told."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from gateway.admin.collateral import checked, enforces, held, sample_view
from gateway.admin.filing import compiled, parse_filing
from gateway.parts import Parts
from gateway.webhooks.addresses import Reach
from gateway.webhooks.ordering import check_callbacks

_ID = "fr_dry_run"


@dataclass(frozen=True, slots=True)
class Trial:
    """Tries filings on the sample of ordinary use."""

    parts: Parts

    async def run(self, body: Any) -> dict[str, Any]:
        """What a filing would block; raises `InvalidRequest` as filing does."""
        parts = self.parts
        filing = await asyncio.to_thread(parse_filing, body)
        check_callbacks(filing, Reach.of(parts.settings))
        doubted = await asyncio.to_thread(checked, filing)
        rule = await compiled(_ID, 1, filing, parts.enforcer.compiler)
        rules = parts.enforcer.rules
        touched = await parts.sampling.touched_by(rule, rules)
        hold = held(touched, doubted, parts.settings.collateral_limit)
        return {
            "dry_run": True,
            "valid": True,
            "revision": rules.revision,
            "sample": sample_view(touched),
            "hold": hold.told() if hold is not None and enforces(filing) else None,
        }
