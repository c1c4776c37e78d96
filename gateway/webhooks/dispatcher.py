"""Delivers webhooks in the background: one gateway for all, another one where that ends.

Whatever is interrupted is done again by whoever comes next: a target may be told twice, under the
same id, and never not at all.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Self

from gateway.errors import LetheError, frames
from gateway.registry.hooks import Recipient
from gateway.registry.redis_store import RedisRegistry
from gateway.webhooks.making import Maker
from gateway.webhooks.posting import Post
from gateway.webhooks.sending import Outcome
from gateway.webhooks.serving import Serving

log = logging.getLogger(__name__)

_LOOK_S = 1.0
_CLAIM_S = 10.0
_TARGETS = 16
"""Targets that are served at a time."""


class Dispatcher:
    """Makes deliveries, sends what is due, retries; an async context manager.

    `following` says whether this gateway follows the registry, `counted` is told of every attempt
    by its result. `waiting` is how many deliveries wait in the whole deployment.
    """

    def __init__(
        self,
        registry: RedisRegistry,
        post: Post,
        *,
        gateway_id: str,
        following: Callable[[], bool],
        counted: Callable[[str], None],
    ) -> None:
        self.waiting = 0
        self._registry = registry
        self._post = post
        self._by = f"gateway:{gateway_id}"
        self._following = following
        self._maker = Maker(registry)
        self._serving = Serving(registry, post, self._by, counted)
        self._busy: dict[str, asyncio.Task[None]] = {}
        self._slots = asyncio.Semaphore(_TARGETS)
        self._mine_until = 0.0
        self._told = ""
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Begin; nothing is waited for."""
        self._task = asyncio.create_task(self._run())
        return self

    async def __aexit__(self, *_: object) -> None:
        tasks = [task for task in (self._task, *self._busy.values()) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def test(self, recipient: Recipient, by: str) -> Outcome:
        """Send a test; one that arrives enables the recipient, and hurries what waits for it."""
        outcome = await self._post.test(recipient)
        if outcome.delivered:
            recipients = self._registry.recipients
            await recipients.change(
                recipient.id, "recipient_enabled", by, lambda found: replace(found, disabled=False)
            )
            await self._registry.deliveries.hurry(recipient.id)
        return outcome

    async def _run(self) -> None:
        while True:
            try:
                if not await self._look():
                    await asyncio.sleep(_LOOK_S)
            except Exception as error:
                self._tell(error)
                await asyncio.sleep(_LOOK_S)

    async def _look(self) -> bool:
        """Make what is new, begin what is due; False where that is another gateway's."""
        if not self._following():
            return False
        queue = self._registry.deliveries
        self.waiting, targets = await queue.due()
        if not await self._mine():
            return False
        for target in targets:
            if target not in self._busy:
                task = asyncio.create_task(self._serve(target))
                self._busy[target] = task
                task.add_done_callback(lambda _, target=target: self._busy.pop(target))  # type: ignore[misc]
        await self._maker.make(_LOOK_S)
        self._told = ""
        return True

    async def _mine(self) -> bool:
        now = time.monotonic()
        if now < self._mine_until - _CLAIM_S / 2:
            return True
        mine = await self._registry.claim("webhooks", self._by, _CLAIM_S)
        self._mine_until = now + _CLAIM_S if mine else 0.0
        return mine

    async def _serve(self, target: str) -> None:
        """Deliver what is due at a target; others get their turn in between."""
        try:
            while True:
                async with self._slots:
                    errors = await self._serving.some(target)
                if errors is None:
                    return
                for error in errors:
                    self._tell(error)
        except Exception as error:
            self._tell(error)

    def _tell(self, error: BaseException) -> None:
        """Log trouble once, not at every attempt; what is unexpected only by its kind and place."""
        known = isinstance(error, LetheError)
        told = str(error) if known else f"{type(error).__name__}\n{frames(error)}"
        if told != self._told:
            log.warning("Webhooks are held up: %s", told)
        self._told = told
