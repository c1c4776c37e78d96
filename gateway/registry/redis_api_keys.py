"""API keys in Redis: added, revoked, read; each is sealed for its id."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.registry import common, keys
from gateway.registry.audit import Deed
from gateway.registry.cipher import Cipher
from gateway.registry.codec import open_key, seal_key
from gateway.registry.models import ApiKey
from gateway.registry.redis_ledger import RedisLedger
from gateway.registry.redis_link import RedisLink


class RedisApiKeys:
    """The issued API keys; adding and revoking one are changes in the ledger."""

    READ = ("HGETALL", keys.API_KEYS)
    """The command that reads them all; `opened` turns its answer into keys."""

    def __init__(self, link: RedisLink, ledger: RedisLedger, cipher: Cipher) -> None:
        self._link = link
        self._ledger = ledger
        self._cipher = cipher

    async def put(self, key: ApiKey, by: str) -> int:
        """Add an API key and return the revision; raises `Conflict` when its id is in use."""
        tag, *rest = await self._ledger.change(
            "put_key",
            [keys.API_KEYS],
            [key.id, seal_key(key, self._cipher)],
            Deed("key_created", by, key.id, details={"roles": sorted(key.roles)}),
            "key_created",
        )
        if tag == b"taken":
            raise common.taken("an API key", key.id)
        return self._ledger.saw(rest[0])

    async def drop(self, key_id: str, by: str) -> int:
        """Revoke an API key and return the revision; raises `NotFound`."""
        deed = Deed("key_revoked", by, key_id)
        tag, *rest = await self._ledger.change(
            "drop_key", [keys.API_KEYS], [key_id], deed, "key_revoked"
        )
        if tag == b"absent":
            raise common.no_key(key_id)
        return self._ledger.saw(rest[0])

    async def all(self) -> tuple[int, tuple[ApiKey, ...]]:
        """All API keys, and the revision at which they are these."""
        _, revision, (sealed,) = await self._ledger.read(self.READ)
        return revision, self.opened(sealed)

    def opened(self, sealed: Mapping[bytes, bytes]) -> tuple[ApiKey, ...]:
        """The API keys in the answer to `READ`."""
        return tuple(open_key(i.decode(), key, self._cipher) for i, key in sealed.items())
