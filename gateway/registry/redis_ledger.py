"""The ledger in Redis that one gateway keeps to: opened, changed by scripts, followed.

Once it has seen an epoch and a revision, it refuses to read or write another ledger, or one that
ends earlier.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from gateway.errors import SettingsError
from gateway.registry import common, keys
from gateway.registry.cipher import Cipher
from gateway.registry.models import Change
from gateway.registry.redis_check import Fitness, check_redis
from gateway.registry.redis_link import RedisLink

log = logging.getLogger(__name__)

SCHEMA = 1
_TAIL_COUNT = 1_000
_HEAD = (keys.META, keys.REVISION, keys.LEDGER)
_WHERE = (("HGET", keys.META, "epoch"), ("GET", keys.REVISION))


class RedisLedger:
    """Opens the ledger, runs the scripts that change something, and reads its tail.

    `volatile` and `warnings` are what `open` found out about the store.
    """

    def __init__(self, link: RedisLink, cipher: Cipher, *, allow_volatile: bool) -> None:
        self.volatile = False
        self.warnings: tuple[str, ...] = ()
        self._link = link
        self._cipher = cipher
        self._allow_volatile = allow_volatile
        self._epoch: str | None = None
        self._known = 0

    async def open(self) -> str:
        """Check the store and return its epoch; creates one in an empty store."""
        async with self._link.reach():
            fitness = await check_redis(self._link.commands, allow_volatile=self._allow_volatile)
        self._remark(fitness)
        proof = self._cipher.seal(b"lethe", "proof")
        answer = await self._link.run("create", _HEAD, [SCHEMA, str(uuid4()), proof])
        if answer[0] == b"headless":
            raise common.headless_ledger()
        meta = hash_of(answer[1])
        if int(meta[b"schema"]) > SCHEMA:
            raise SettingsError(
                f"Redis holds schema {int(meta[b'schema'])} of Lethe, this version knows "
                f"{SCHEMA}: install the newer version."
            )
        self._cipher.open_(meta[b"proof"], "proof")
        epoch = meta[b"epoch"].decode()
        if self._epoch not in (None, epoch):
            raise common.another_ledger()
        self._epoch = epoch
        return epoch

    async def change(
        self,
        script: str,
        names: Sequence[str],
        args: Sequence[str | int | bytes],
        claimed: int = 0,
    ) -> Sequence[Any]:
        """Run a script that changes something; it refuses any ledger but the one we know.

        `claimed` is a revision that the caller says has existed.
        """
        if self._epoch is None:
            await self.open()
        known = max(self._known, claimed)
        answer = await self._link.run(script, [*_HEAD, *names], [self._epoch, known, *args])
        if answer[0] == b"epoch":
            raise common.another_ledger()
        if answer[0] == b"behind":
            raise common.shorter_ledger(await self._revision(), known)
        return answer

    async def read(
        self, *commands: Sequence[Any], after: int = 0
    ) -> tuple[str, int, Sequence[Any]]:
        """Epoch, revision and the answers of reading commands, all at one instant.

        Raises `LedgerBroken` for another ledger, and for one that ends before `after` or before
        what was seen.
        """
        known = max(after, self._known)
        epoch, revision, *answers = await self._link.read(*_WHERE, *commands)
        if epoch is None or self._epoch not in (None, epoch.decode()):
            raise common.another_ledger()
        found = int(revision or 0)
        if found < known:
            raise common.shorter_ledger(found, known)
        return epoch.decode(), found, answers

    async def tail(self, after: int, block_s: float) -> tuple[Change, ...]:
        """The changes after a revision, at most 1,000 of them; waits for the first."""
        await self.read(after=after)
        entries = await self._link.wait(keys.LEDGER, f"{after}-0", _TAIL_COUNT, block_s)
        if any(fields[b"epoch"].decode() != self._epoch for _, fields in entries):
            raise common.another_ledger()
        changes = tuple(
            Change(int(i.split(b"-")[0]), fields[b"kind"].decode(), fields[b"id"].decode())
            for i, fields in entries
        )
        common.check_order(changes, after)
        if changes:
            self.saw(changes[-1].revision)
        return changes

    def saw(self, revision: bytes | int) -> int:
        """Remember that a revision has existed."""
        found = int(revision)
        self._known = max(self._known, found)
        return found

    async def _revision(self) -> int:
        (revision,) = await self._link.read(("GET", keys.REVISION))
        return int(revision or 0)

    def _remark(self, fitness: Fitness) -> None:
        """Keep what the check found; tell it once, and not at every call of `open`."""
        for text in fitness.warnings:
            if text not in self.warnings:
                log.warning("%s", text)
        self.volatile, self.warnings = fitness.volatile, fitness.warnings


def hash_of(flat: Sequence[bytes]) -> dict[bytes, bytes]:
    """A hash as a script returns it: names and values in turn."""
    return dict(zip(flat[::2], flat[1::2], strict=True))
