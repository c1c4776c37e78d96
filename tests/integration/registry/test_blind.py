"""Blind filings in every registry: the same answer for the same body, and no text kept."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from gateway.errors import Conflict
from gateway.registry import keys
from gateway.registry.filter import Filter
from gateway.registry.store import Registry
from tests.integration.registry.support import CIPHER, RedisStore, draft

SCOPE: dict[str, Any] = {"forbidden": ["Night Heron"], "questions": ["Where was she born?"]}


async def test_the_same_body_is_the_same_filing_and_another_one_a_conflict(
    registry: Registry,
) -> None:
    submitted = str(uuid4())
    first, new = await registry.file(draft("Mira Quell", submitted, scope=SCOPE, blind=True))
    again, anew = await registry.file(draft("Mira Quell", submitted, scope=SCOPE, blind=True))
    assert (new, anew) == (True, False)
    assert again == first
    for name, more in (
        ("Mira Quelle", {"blind": True}),
        ("Mira Quell", {"blind": False}),
        ("Mira Quell", {"blind": True, "retain": ["Who is Tom Quell?"]}),
    ):
        with pytest.raises(Conflict):
            await registry.file(draft(name, submitted, scope=SCOPE, **more))


async def test_no_text_comes_back(registry: Registry) -> None:
    filed = draft("Mira Quell", scope=SCOPE, blind=True)
    record, _ = await registry.file(filed)
    for held in (record, await registry.get(filed.id), (await registry.state()).records[0]):
        assert held.filing == filed.filing.kept
        assert b"Mira" not in held.filed
        assert b"Heron" not in held.filed
        assert held.filing.withheld is not None
        assert (held.filing.withheld.names, held.filing.withheld.forbidden) == (1, 1)


async def test_a_list_finds_it_by_its_subject_and_nothing_else_by_it(registry: Registry) -> None:
    filed = draft("Mira Quell", scope=SCOPE, blind=True)
    await registry.file(filed)
    await registry.file(draft("Tom Quell", blind=True))
    page = await registry.list(Filter(subject="MIRA  quell"), 10, None)
    assert [record.id for record in page.items] == [filed.id]
    assert (await registry.list(Filter(subject="Ada Quell"), 10, None)).items == ()


async def test_nobody_proposes_about_it_again(registry: Registry) -> None:
    filed = draft("Mira Quell", blind=True)
    await registry.file(filed)
    known, new = await registry.propose(draft("Mira Quell"))
    assert (known.id, new) == (filed.id, False)
    _, new = await registry.propose(draft("Tom Quell"))
    assert new


async def test_nor_is_any_sealed_in_redis(redis_store: RedisStore) -> None:
    registry = redis_store.connect()
    await registry.open()
    filed = draft("Mira Quell", str(uuid4()), scope=SCOPE, blind=True)
    await registry.file(filed)
    await registry.close()
    sealed = redis_store.raw.hget(keys.request(filed.id), "filing")
    opened = CIPHER.open_(sealed, f"{filed.id}:1:filing")  # type: ignore[arg-type]
    assert b"blind" in opened
    assert b"Quell" not in opened
