"""Requests whose filer nobody identified."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gateway.housekeeping import expire
from gateway.registry.case import Case
from gateway.registry.models import Page
from gateway.registry.status import Status
from gateway.registry.store import Registry
from tests.integration.registry.support import draft, move


async def test_they_expire_once_they_are_due_and_others_do_not(registry: Registry) -> None:
    now = datetime.fromtimestamp(time.time(), UTC)
    unknown = replace(
        draft(),
        status=Status.IDENTITY_UNVERIFIED,
        provisional=True,
        case=Case(reason="complexity", extended=True),
    )
    late = [replace(unknown, id=f"fr_{i}", expected_completion_time=now) for i in range(250)]
    for filed in late:
        await registry.file(filed)
    waits = replace(draft(), status=Status.PENDING, expected_completion_time=now)
    early = replace(unknown, id="fr_early", expected_completion_time=now + timedelta(hours=1))
    for filed in (waits, early):
        await registry.file(filed)
    assert await expire(registry, "gateway:a") == 250
    assert {(await registry.get(filed.id)).status for filed in late} == {Status.EXPIRED}
    assert (await registry.get(waits.id)).status is Status.PENDING
    assert (await registry.get(early.id)).status is Status.IDENTITY_UNVERIFIED
    # It acted while it waited, and does no more.
    assert [record.id for record in (await registry.state()).records] == [early.id]
    told = (await registry.events("fr_0"))[-1]
    assert (told.by, told.details.get("reason")) == ("gateway:a", None)


async def test_who_was_identified_at_the_last_moment_does_not_expire(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = datetime.fromtimestamp(time.time(), UTC)
    filed = replace(draft(), status=Status.IDENTITY_UNVERIFIED, expected_completion_time=now)
    await registry.file(filed)
    listed = registry.list

    async def and_then_identified(*args: Any) -> Page:
        page = await listed(*args)
        for record in page.items:
            await move(registry, record.id, Status.PENDING)
        return page

    monkeypatch.setattr(registry, "list", and_then_identified)
    assert await expire(registry, "gateway:a") == 0
    assert (await registry.get(filed.id)).status is Status.PENDING
