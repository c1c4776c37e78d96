"""The gateways that share a Redis: which revision each has acknowledged, and which are live."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from gateway.registry import keys
from gateway.registry.audit import Deed
from gateway.registry.cipher import Cipher
from gateway.registry.codec import from_microseconds
from gateway.registry.errors import AuditBroken
from gateway.registry.models import Replica
from gateway.registry.redis_ledger import RedisLedger
from gateway.registry.redis_link import RedisLink

_GATEWAYS = (keys.GATEWAYS, keys.GATEWAYS_SEEN, keys.OPEN, keys.GATEWAYS_KEYS)
_COMPLETE = (keys.GATEWAYS, keys.OPEN, keys.REQUEST, keys.INDEX, keys.DUE)


class RedisReplicas:
    """The registered gateways; one is live for `lease` after its last acknowledgement."""

    def __init__(
        self, link: RedisLink, ledger: RedisLedger, lease: timedelta, cipher: Cipher
    ) -> None:
        self._link = link
        self._ledger = ledger
        self._lease = lease
        self._cipher = cipher

    async def acknowledge(self, gateway_id: str, revision: int) -> None:
        """Say that a gateway enforces a revision and is alive; then settle."""
        args = [gateway_id, revision, " ".join(self._cipher.known)]
        _, settled = await self._ledger.run("acknowledge", _GATEWAYS, args, revision)
        await self._complete(settled, gateway_id)

    async def leave(self, gateway_id: str) -> None:
        """Unregister a gateway; then settle."""
        _, settled = await self._ledger.run("leave", _GATEWAYS, [gateway_id])
        await self._complete(settled, gateway_id)

    async def claim(self, work: str, holder: str, lease: timedelta) -> bool:
        """Whether a piece of work falls to this holder, until the lease runs out."""
        args = [holder, lease // timedelta(milliseconds=1)]
        (taken,) = await self._link.run("claim", [keys.CLAIM + work], args)
        return bool(taken)

    async def all(self) -> tuple[Replica, ...]:
        """All registered gateways, by Redis' own clock."""
        (seconds, micros), revisions, seen, known = await self._link.read(
            ("TIME",),
            ("HGETALL", keys.GATEWAYS),
            ("HGETALL", keys.GATEWAYS_SEEN),
            ("HGETALL", keys.GATEWAYS_KEYS),
        )
        now = from_microseconds(seconds * 1_000_000 + micros)
        replicas = []
        for gateway in sorted(revisions.keys() & seen.keys()):  # one may leave between the two
            last = from_microseconds(seen[gateway])
            live = now - last <= self._lease
            data_keys = frozenset(known.get(gateway, b"").decode().split())
            revision = int(revisions[gateway])
            replicas.append(Replica(gateway.decode(), revision, last, live, data_keys))
        return tuple(replicas)

    async def _complete(self, settled: Sequence[bytes], gateway_id: str) -> None:
        """Complete the requests that all gateways enforce; others may be at it as well."""
        while settled:
            ids = [request_id.decode() for request_id in settled]
            deed = Deed("completed", f"gateway:{gateway_id}", details={"ids": ids})
            try:
                _, settled = await self._ledger.change("complete", _COMPLETE, ids, deed)
            except AuditBroken:
                return  # told as a warning: gateways enforce and follow what was filed before
