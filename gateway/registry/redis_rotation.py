"""Rotation of the data key in Redis, while gateways go on.

First the meta data name the new key: from then on no script writes what the old one sealed. Then
every value is sealed anew, each replaced only if it is still the one that was read. So one walk
finds all of them, and a walk that ended in the middle is simply begun again.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gateway.errors import RegistryUnavailable
from gateway.registry import common, redis_meta
from gateway.registry.audit import Deed
from gateway.registry.cipher import UNIQUE, Cipher, sealed_by
from gateway.registry.errors import RegistryError, WrongDataKey
from gateway.registry.places import OF_EACH, OF_STORE, Place, Sealed
from gateway.registry.redis_ledger import RedisLedger, Rekeyed
from gateway.registry.redis_link import RedisLink

_TOGETHER = 20
"""Requests that are read together: with their vectors they may be some megabytes."""
_TRIES = 100
"""How often a request is read again because it was changed meanwhile."""
_CROWDED_TRIES = 50
_PRELUDE = 3
"""Keys that every script begins with."""


@dataclass(slots=True)
class Progress:
    """Requests and traces that were looked at, of how many; the values of each kind sealed anew."""

    total: int
    seen: int = 0
    sealed: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class _Work:
    """A value of some request that another key sealed, and the same sealed anew."""

    kind: str
    owner: str
    old: Sealed
    new: bytes


class RedisRotation:
    """The steps of a rotation, each of which may be done twice."""

    def __init__(self, link: RedisLink, ledger: RedisLedger, cipher: Cipher) -> None:
        self._link = link
        self._ledger = ledger
        self._cipher = cipher

    async def standing(self) -> redis_meta.Standing:
        """How far the last rotation has come; the ledger must be open."""
        return redis_meta.standing(await self._ledger.meta())

    async def begin(self, to: str, by: str) -> int | None:
        """Have this data key used from now on, and say so in the ledger; the revision.

        None where it is used already. Raises `WrongDataKey` while a rotation from a key that is not
        known is unfinished.
        """
        meta = await self._ledger.meta()
        now = redis_meta.standing(meta)
        if now.used == to:
            return None
        if not now.finished:
            raise WrongDataKey(
                f"The rotation of the data key from {now.before} to {now.used} is not "
                "finished: run lethe keys rotate-data-key with these two before there is a third."
            )
        values: dict[str, str | bytes] = {"before": now.used, "rotation": "unfinished"}
        for name, value in redis_meta.opened(meta, self._cipher).items():
            values[name] = self._cipher.seal(value, name, to)
        deed = Deed("data_key_rotated", by, details={"from": now.used, "to": to})
        try:
            revision = await self._set(meta, values, deed)
        except Rekeyed:  # somebody else was faster, by now
            return await self.begin(to, by)
        await self._ledger.open()
        return revision

    async def reseal(self) -> AsyncIterator[Progress]:
        """Seal anew whatever another key sealed; tells how far it is, the last time at the end."""
        counts = await self._link.read(*(("ZCARD", index) for index, _ in OF_EACH))
        progress = Progress(sum(map(int, counts)))
        await self._renew(OF_STORE, [""], progress)
        yield progress
        for index, places in OF_EACH:
            async for owners in self._members(index):
                await self._renew(places, owners, progress)
                progress.seen += len(owners)
                yield progress

    async def finish(self, progress: Progress, by: str) -> None:
        """Say that nothing needs the key before any more; in the audit how much was sealed anew."""
        meta = await self._ledger.meta()
        told = {"to": redis_meta.standing(meta).used, "sealed": dict(progress.sealed)}
        deed = Deed("data_key_resealed", by, details=told)
        await self._set(meta, {"rotation": "finished"}, deed)

    async def _members(self, index: str) -> AsyncIterator[Sequence[str]]:
        """The members of a sorted set in their order, some at a time.

        Those that are there by now: what is added meanwhile is sealed with the new key, and who
        waited for an end of that would wait for ever.
        """
        (last,) = await self._link.read(("ZRANGE", index, -1, -1, "WITHSCORES"))
        if not last:
            return
        score, same = b"-inf", 0
        while True:
            command = ("ZRANGEBYSCORE", index, score, last[1], "WITHSCORES")
            (found,) = await self._link.read((*command, "LIMIT", same, _TOGETHER))
            if not found:
                return
            yield [name.decode() for name in found[::2]]
            scores = found[1::2]
            same = scores.count(scores[-1]) + (same if scores[-1] == score else 0)
            score = scores[-1]

    async def _set(
        self, meta: Mapping[bytes, bytes], values: Mapping[str, str | bytes], deed: Deed
    ) -> int:
        """Set meta data, and tell gateways to look at them; the revision."""
        flat = [part for pair in values.items() for part in pair]
        tag, *rest = await self._change([meta[b"proof"], *flat], deed)
        if tag == b"conflict":
            raise RegistryError("Another rotation of the data key was faster; run this one again.")
        return int(rest[0])

    async def _change(self, args: Sequence[str | bytes], deed: Deed) -> Sequence[Any]:
        """Run the script; again where gateways that file without a pause were always faster."""
        for _ in range(_CROWDED_TRIES):
            try:
                return await self._ledger.change("set_meta", [], args, deed, "data_key")
            except RegistryUnavailable as error:
                if error.code != "crowded":
                    raise
            await asyncio.sleep(secrets.randbelow(100) / 1000)
        raise common.crowded()

    async def _renew(self, places: Sequence[Place], owners: Sequence[str], told: Progress) -> None:
        """Seal anew what belongs to some requests, again what was changed meanwhile."""
        left = list(owners)
        for _ in range(_TRIES):
            commands = [place.read(owner) for owner in left for place in places]
            answers = iter(await self._link.read(*commands))
            read = [(place, owner, next(answers)) for owner in left for place in places]
            work = await asyncio.to_thread(self._work, read)
            missed = await self._put(work)
            told.sealed.update(w.kind for i, w in enumerate(work) if i not in missed)
            left = list(dict.fromkeys(work[index].owner for index in sorted(missed)))
            if not left:
                return
        raise RegistryError(
            "A forget request changes too often to be sealed anew; run the rotation again."
        )

    def _work(self, read: Sequence[tuple[Place, str, Any]]) -> list[_Work]:
        used = self._cipher.key_id
        return [
            _Work(place.name, owner, old, self._cipher.resealed(old.value, old.context))
            for place, owner, answer in read
            for old in place.found(owner, answer)
            if sealed_by(old.value) != used
        ]

    async def _put(self, work: Sequence[_Work]) -> set[int]:
        """Put values in their places, all at one instant; which of them were not there any more."""
        if not work:
            return set()
        names = {key: _PRELUDE + i for i, key in enumerate({w.old.key: 0 for w in work}, start=1)}
        args: list[str | int | bytes] = []
        for each in work:
            old = each.old
            args += [names[old.key], old.field, old.value[:UNIQUE], each.new]
        _, missed = await self._ledger.run("reseal", list(names), args)
        return {int(place) for place in missed}
