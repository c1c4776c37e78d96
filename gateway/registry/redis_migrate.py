"""Bringing what an earlier version of Lethe keeps in Redis to the schema of this one.

Every step may be done twice: a gateway that ends in the middle leaves a store that the next one
brings on. Gateways of the earlier version have to be stopped before.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any
from uuid import uuid4

from gateway.errors import RegistryUnavailable
from gateway.registry import common, keys
from gateway.registry.cipher import Cipher
from gateway.registry.codec import read_record, subject_lookup
from gateway.registry.redis_link import RedisLink
from gateway.registry.status import UNANSWERED, Status

log = logging.getLogger(__name__)

_TOGETHER = 200
_LEASE = timedelta(seconds=30)


async def migrate(link: RedisLink, cipher: Cipher) -> None:
    """From schema 1, which had no audit and one index of each status, to schema 2.

    Raises `RegistryUnavailable` while another gateway is at it, and `LedgerBroken` where there is
    what schema 1 did not have.
    """
    holder = str(uuid4())
    await _hold(link, holder)
    schema, audit, unmarked = await link.read(
        ("HGET", keys.META, "schema"), ("EXISTS", keys.AUDIT), ("HEXISTS", keys.META, "unmarked")
    )
    if schema != b"1":
        return  # another gateway was faster
    if audit or unmarked:
        # No marks would be asked of the entries of its ledger any more.
        raise common.lowered_schema()
    log.info("Redis holds schema 1 of Lethe; it is brought to schema 2.")
    after = -1
    while True:
        await _hold(link, holder)
        (found,) = await link.read(
            ("ZRANGEBYSCORE", keys.INDEX, f"({after}", "+inf", "WITHSCORES", "LIMIT", 0, _TOGETHER)
        )
        if not found:
            break
        places = list(zip(found[::2], found[1::2], strict=True))
        hashes = await link.read(*(("HGETALL", keys.request(i.decode())) for i, _ in places))
        commands: list[tuple[Any, ...]] = []
        for (name, position), fields in zip(places, hashes, strict=True):
            commands += _placed(name.decode(), int(position), fields, cipher)
        await link.read(*commands)
        after = int(places[-1][1])
    (revision,) = await link.read(("GET", keys.REVISION))
    unmarked = cipher.seal(b"%d" % int(revision or 0), "unmarked")
    await link.read(
        ("DEL", *(f"{keys.INDEX}:{status.value}" for status in Status)),
        ("HSET", keys.META, "schema", 2, "unmarked", unmarked),
        ("DEL", keys.CLAIM + "migrate"),
    )
    await link.confirm()
    log.info("Redis holds schema 2 of Lethe now.")


async def _hold(link: RedisLink, holder: str) -> None:
    lease = _LEASE // timedelta(milliseconds=1)
    (mine,) = await link.run("claim", [keys.CLAIM + "migrate"], [holder, lease])
    if not mine:
        raise RegistryUnavailable(
            "Another gateway is bringing Redis to the schema of this version; that takes seconds.",
            code="registry_unavailable",
        )


def _placed(
    request_id: str, position: int, fields: dict[bytes, bytes], cipher: Cipher
) -> list[tuple[Any, ...]]:
    """The commands that put one request into the indexes of schema 2."""
    record = read_record(request_id, fields, cipher)
    regulation, status = record.filing.regulation, record.status
    due = fields[b"expected_completion_time"]
    subject = keys.SUBJECT + subject_lookup(record.filing.folded_name, cipher)
    commands: list[tuple[Any, ...]] = [
        ("HSET", keys.request(request_id), "regulation", regulation),
        ("ZADD", keys.index(None, regulation), position, request_id),
        ("ZADD", keys.index(status), position, request_id),
        ("ZADD", keys.index(status, regulation), position, request_id),
        ("SADD", subject, request_id),
    ]
    if status in UNANSWERED:
        commands += [("ZADD", keys.due(of), due, request_id) for of in (None, regulation)]
    return commands
