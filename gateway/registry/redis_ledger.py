"""The ledger in Redis that one gateway keeps to: opened, changed by scripts, followed.

Once it has seen an epoch and a revision, it refuses to read or write another ledger, or one that
ends earlier. What it follows carries the mark of a holder of the data key: an entry that was
written, moved or altered by anybody else is refused.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

from gateway.errors import RegistryUnavailable, SettingsError
from gateway.registry import common, keys, redis_meta
from gateway.registry.audit import Deed
from gateway.registry.cipher import Cipher, sealed_by
from gateway.registry.errors import AuditBroken
from gateway.registry.models import Change
from gateway.registry.redis_chain import RedisChain
from gateway.registry.redis_changes import RedisChanges
from gateway.registry.redis_check import Fitness, check_redis
from gateway.registry.redis_link import RedisLink
from gateway.registry.redis_migrate import migrate

log = logging.getLogger(__name__)

SCHEMA = 2
_TAIL_COUNT = 1_000
_HEAD = (keys.META, keys.REVISION, keys.LEDGER)
_AUDIT = (keys.AUDIT, keys.AUDIT_HEAD, keys.EVENTS)
_WHERE = (("HGET", keys.META, "epoch"), ("GET", keys.REVISION))


class Rekeyed(RegistryUnavailable):
    """The data key was rotated since something was sealed; nothing has happened."""


class RedisLedger:
    """Opens the ledger, runs the scripts that change something, and reads its tail.

    `volatile` and `warnings` are what `open` found out about the store; `unfinished` says that a
    rotation of the data key has not come to its end.
    """

    def __init__(self, link: RedisLink, cipher: Cipher, *, allow_volatile: bool) -> None:
        self.volatile = False
        self.warnings: tuple[str, ...] = ()
        self.unfinished = False
        self._link = link
        self._cipher = cipher
        self._allow_volatile = allow_volatile
        self._epoch: str | None = None
        self._known = 0
        self._changes: RedisChanges | None = None

    async def open(self) -> str:
        """Check the store and return its epoch; creates one in an empty store."""
        async with self._link.reach():
            fitness = await check_redis(self._link.commands, allow_volatile=self._allow_volatile)
        self._remark(fitness)
        meta = await self.meta() or await self._create()
        await self._link.confirm()
        schema = int(meta[b"schema"])
        if schema > SCHEMA:
            raise SettingsError(
                f"Redis holds schema {schema} of Lethe, this version knows {SCHEMA}: install the "
                "newer version."
            )
        redis_meta.unlock(meta, self._cipher)
        self.unfinished = not redis_meta.standing(meta).finished
        if schema < SCHEMA:
            await migrate(self._link, self._cipher)
            return await self.open()
        epoch = meta[b"epoch"].decode()
        if self._epoch not in (None, epoch):
            raise common.another_ledger()
        if self._changes is None:
            unmarked = int(self._cipher.open_(meta[b"unmarked"], "unmarked"))
            chain = RedisChain(self._cipher, epoch, unmarked)
            self._changes = RedisChanges(self._link, chain, _HEAD + _AUDIT)
        self._epoch = epoch
        return epoch

    async def meta(self) -> dict[bytes, bytes]:
        """The meta data, as they stand; empty where there is no store."""
        (found,) = await self._link.read(("HGETALL", keys.META))
        return dict(found)

    @property
    def chain(self) -> RedisChain:
        """What knows the marks of entries; there once the ledger is open."""
        assert self._changes is not None  # noqa: S101  # nobody reads what is not open
        return self._changes.chain

    async def opened(self) -> RedisChain:
        """What knows the marks of entries; opens the ledger where nobody has yet."""
        return (await self._opened()).chain

    @property
    def audit_trouble(self) -> AuditBroken | None:
        """Why nothing can be changed, where the audit is not as it should be."""
        return self._changes.trouble if self._changes else None

    async def change(
        self,
        script: str,
        names: Sequence[str],
        args: Sequence[str | int | bytes],
        deed: Deed,
        kind: str | None = None,
    ) -> Sequence[Any]:
        """Run a script that changes something, and tell the audit who did what.

        `kind` is that of the ledger's entry, None for what no gateway has to take note of.
        """
        fence = self._fence(args)
        changes = await self._opened()
        answer = await changes.send(
            script, names, args, deed, kind=kind, known=self._known, sealed_by=fence
        )
        return await self._checked(answer, self._known)

    async def run(
        self, script: str, names: Sequence[str], args: Sequence[Any], claimed: int = 0
    ) -> Sequence[Any]:
        """Run a script that refuses any ledger but the one we know.

        `claimed` is a revision that the caller says has existed.
        """
        fence = self._fence(args)
        changes = await self._opened()
        known = max(self._known, claimed)
        args = [f"{changes.chain.epoch} {fence}", known, *args]
        return await self._checked(await self._link.run(script, [*_HEAD, *names], args), known)

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
        _, revision, _ = await self.read(after=after)
        entries = await self._link.wait(keys.LEDGER, f"{after}-0", _TAIL_COUNT, block_s)
        return self._followed(after, entries, revision)

    async def entries(self, after: int) -> tuple[Change, ...]:
        """The changes after a revision, at most 1,000 of them; empty where there are none."""
        command = ("XRANGE", keys.LEDGER, f"({after}-0", "+", "COUNT", _TAIL_COUNT)
        _, revision, (found,) = await self.read(command, after=after)
        await self.confirm()
        return self._followed(after, found, revision)

    async def confirm(self) -> None:
        """Raise `Unconfirmed` unless enough replicas have what was read."""
        await self._link.confirm()

    def saw(self, revision: bytes | int) -> int:
        """Remember that a revision has existed."""
        found = int(revision)
        self._known = max(self._known, found)
        return found

    def _followed(self, after: int, entries: Sequence[Any], revision: int) -> tuple[Change, ...]:
        """The changes that these entries after a revision tell of; raises `LedgerBroken`."""
        if not entries and revision > after:
            raise common.cut_ledger(after + 1, revision)
        if any(fields[b"epoch"].decode() != self._epoch for _, fields in entries):
            raise common.another_ledger()
        changes = tuple(self._change(i, fields) for i, fields in entries)
        common.check_order(changes, after)
        if changes:
            self.saw(changes[-1].revision)
        return changes

    def _change(self, place: bytes, fields: Mapping[bytes, bytes]) -> Change:
        """An entry of the ledger; raises `LedgerBroken` unless a holder of the data key made it."""
        kind, name = fields[b"kind"].decode(), fields[b"id"].decode()
        change = Change(int(place.split(b"-")[0]), kind, name)
        unmarked = change.revision <= self.chain.unmarked
        if not (unmarked or self.chain.proves(change, fields.get(b"mark"))):
            raise common.foreign_entry(change.revision)
        return change

    async def _opened(self) -> RedisChanges:
        if self._changes is None:
            await self.open()
        assert self._changes is not None  # noqa: S101  # it was opened
        return self._changes

    async def _checked(self, answer: Sequence[Any], known: int) -> Sequence[Any]:
        """An answer of a script; raises `LedgerBroken` where it refused the ledger."""
        if answer[0] == b"epoch":
            raise common.another_ledger()
        if answer[0] == b"behind":
            raise common.shorter_ledger(await self._revision(), known)
        if answer[0] == b"rekeyed":
            await self.open()
            raise Rekeyed(
                "The data key was rotated at this very moment, and nothing was changed; send the "
                "request again.",
                code="rekeyed",
            )
        return answer

    def _fence(self, args: Sequence[Any]) -> str:
        """The data key that must still be used when a script with these arguments runs.

        They were sealed with it by the caller, who has not waited for anything since: what the old
        key sealed is not written once another one is used, or a rotation would miss it.
        """
        return self._cipher.key_id if any(sealed_by(value) for value in args) else ""

    async def _create(self) -> dict[bytes, bytes]:
        """Make the meta data of a new store; those that are there by now."""
        args = [SCHEMA, str(uuid4()), *redis_meta.first(self._cipher)]
        answer = await self._link.run("create", _HEAD, args)
        if answer[0] == b"headless":
            raise common.headless_ledger()
        return hash_of(answer[1])

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
