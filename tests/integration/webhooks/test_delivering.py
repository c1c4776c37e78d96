"""What happens to forget requests is told to whoever asked, once it has happened, in order."""

from __future__ import annotations

import asyncio
import base64
from dataclasses import replace
from datetime import timedelta
from typing import Any

import orjson
import pytest
from aiohttp import web
from standardwebhooks import Webhook

from gateway.registry import keys
from gateway.registry.amendment import Amendment
from gateway.registry.case import Case
from gateway.registry.errors import AuditBroken
from gateway.registry.hooks import EVENTS, Recipient
from gateway.registry.models import Record
from gateway.registry.redis_store import RedisRegistry
from gateway.registry.status import Status
from gateway.signing import is_signed
from gateway.webhooks import making
from gateway.webhooks.signatures import new_secret
from tests.integration.registry import support
from tests.integration.registry.support import BY, NOW, RedisStore, draft, filing, move
from tests.integration.webhooks.conftest import SIGNER, dispatching
from tests.integration.webhooks.receiving import Received, Receiver, status, until

SUBMITTED = "1b4e28ba-2fa1-4d2b-883f-0016d3cca427"


async def file(registry: RedisRegistry, *urls: str, **more: Any) -> Record:
    record, _ = await registry.file(draft(status_callback_urls=list(urls), **more))
    return record


async def recipient(registry: RedisRegistry, receiver: Receiver, **more: Any) -> Recipient:
    made = Recipient(f"rcp_{len(more)}", "store", receiver.url, new_secret(), NOW)
    return await registry.recipients.add(replace(made, **more), BY)


async def test_a_filing_s_callback_is_told_every_status_and_no_subject(
    registry: RedisRegistry, receiver: Receiver
) -> None:
    counted: list[str] = []
    async with dispatching(registry, counted=counted) as running:
        record = await file(registry, receiver.url, submitted=SUBMITTED)
        await registry.acknowledge("one", record.revision)
        case = Case(filed_by="a", reason="counter_notice", remark="Mira Quell wrote")
        held = await registry.get(record.id)
        await registry.amend(held, Amendment("lifted", BY, case, status=Status.LIFTED))
        await until(lambda: len(receiver.got) == 3)
        await until(lambda: running.waiting == 0 and len(counted) == 3)
    assert receiver.events() == ["filed", "completed", "lifted"]
    first, second, third = (each.told for each in receiver.got)
    assert first | {"time": None, "sequence": 0} == {
        "event": "filed",
        "time": None,
        "sequence": 0,
        "subject_request_id": SUBMITTED,
        "request_id": record.id,
        "request_status": "in_progress",
        "status": "in_progress",
        "reason": None,
        "revision": record.revision,
        "version": 1,
        "expected_completion_time": "2026-03-31T12:30:15.123Z",
        "completed_time": None,
    }
    assert (second["request_status"], second["completed_time"] is None) == ("completed", False)
    assert (third["request_status"], third["reason"]) == ("cancelled", "counter_notice")
    assert first["sequence"] < second["sequence"] < third["sequence"]
    assert first["revision"] <= second["revision"] < third["revision"]
    assert not any(b"Quell" in each.body for each in receiver.got)
    assert counted == ["delivered"] * 3
    told = [each for each, _ in await registry.deliveries.of(record.id)]
    assert [(d.state, d.tries, d.last_status, d.host) for d in told] == [
        ("delivered", 1, 204, "127.0.0.1")
    ] * 3
    assert all(d.url is None and not d.body for d in told)
    events = [e.action for e in await registry.events(record.id)]
    assert events.count("webhook_delivered") == 3


async def test_a_callback_is_signed_by_the_deployment(
    registry: RedisRegistry, receiver: Receiver
) -> None:
    async with dispatching(registry):
        await file(registry, receiver.url)
        await until(lambda: len(receiver.got) == 1)
    (got,) = receiver.got
    kind, _, signature = got.headers["webhook-signature"].partition(",")
    content = f"{got.id}.{got.headers['webhook-timestamp']}.".encode() + got.body
    assert kind == "v1a"
    assert is_signed(content, base64.b64decode(signature), SIGNER.public_key)


async def test_recipients_are_told_what_they_want_signed_with_their_secret(
    registry: RedisRegistry, receiver: Receiver
) -> None:
    before = await file(registry)
    made = await recipient(registry, receiver, events=frozenset({"completed", "lifted"}))
    async with dispatching(registry):
        record = await file(registry)
        await registry.acknowledge("one", record.revision)
        await move(registry, before.id, Status.LIFTED)
        await until(lambda: len(receiver.got) == 3)
    # The one that had been filed before is completed after: of that it is told.
    assert sorted(receiver.events()) == ["completed", "completed", "lifted"]
    for each in receiver.got:
        Webhook(made.secret).verify(each.body, each.headers)
    assert b"Quell" not in b"".join(each.body for each in receiver.got)


async def test_nobody_is_told_what_happened_before_they_registered(
    registry: RedisRegistry, receiver: Receiver
) -> None:
    await file(registry)
    await recipient(registry, receiver)
    later = await file(registry)
    async with dispatching(registry) as running:
        await until(lambda: running.waiting == 0 and len(receiver.got) == 1)
    assert receiver.got[0].told["request_id"] == later.id


async def test_a_recipient_that_has_to_know_is_told_subject_and_scope_of_the_version(
    registry: RedisRegistry, receiver: Receiver, store: RedisStore
) -> None:
    await recipient(registry, receiver, include_subject=True)
    record = await file(registry, scope={"questions": ["Where was Mira Quell born?"]})
    new = filing("Mira Quell-Hart")
    await registry.amend(
        record, Amendment("amended", BY, Case(filed_by="a"), filing=new, rule=b"r")
    )
    assert not any(b"Quell" in bytes(store.raw.dump(key) or b"") for key in store.raw.scan_iter())
    async with dispatching(registry):
        await until(lambda: len(receiver.got) == 2)
    first, second = (each.told for each in receiver.got)
    assert first["subject"]["name"] == "Mira Quell"
    assert first["scope"]["questions"] == [
        {"question": "Where was Mira Quell born?", "answer": None}
    ]
    assert (second["event"], second["version"]) == ("amended", 2)
    assert second["subject"]["name"] == "Mira Quell-Hart"


async def test_of_a_blind_request_nobody_is_told_a_text(
    registry: RedisRegistry, receiver: Receiver
) -> None:
    await recipient(registry, receiver, include_subject=True)
    await file(registry, blind=True)
    async with dispatching(registry):
        await until(lambda: len(receiver.got) == 1)
    assert receiver.got[0].told["blind"] is True
    assert "subject" not in receiver.got[0].told


async def test_what_fails_is_tried_again_under_the_same_id_and_later_events_wait(
    registry: RedisRegistry, receiver: Receiver
) -> None:
    counted: list[str] = []
    receiver.answer = status(503)
    async with dispatching(registry, counted=counted):
        record = await file(registry, receiver.url)
        await move(registry, record.id, Status.LIFTED)
        await until(lambda: len(receiver.got) == 2)
        receiver.answer = status(200)
        await until(lambda: counted.count("delivered") == 2)
    ids = [each.id for each in receiver.got]
    assert receiver.events()[-1] == "lifted"
    assert set(receiver.events()[:-1]) == {"filed"}
    assert len(set(ids)) == 2
    assert counted.count("failed") >= 2


async def test_what_nobody_takes_is_given_up_and_the_next_event_is_tried(
    registry: RedisRegistry, receiver: Receiver
) -> None:
    counted: list[str] = []
    receiver.answer = status(500)
    async with dispatching(registry, counted=counted) as running:
        record = await file(registry, receiver.url)
        await move(registry, record.id, Status.LIFTED)
        await until(lambda: counted.count("given_up") == 2)
        await until(lambda: running.waiting == 0)
    assert receiver.events() == ["filed"] * 4 + ["lifted"] * 4
    told = [each for each, _ in await registry.deliveries.of(record.id)]
    assert [(d.state, d.tries, d.last_status) for d in told] == [("given_up", 4, 500)] * 2
    (event, *_) = [e for e in await registry.events(record.id) if e.action == "webhook_given_up"]
    assert event.details["tries"] == 4
    assert "127.0.0.1" not in str(event)


async def test_a_target_that_hangs_holds_up_no_other(
    registry: RedisRegistry, receiver: Receiver
) -> None:
    async def hangs(received: Received) -> web.StreamResponse:
        await asyncio.sleep(30)
        return web.Response()

    async with Receiver(hangs).listening() as dead, dispatching(registry, timeout_s=5.0):
        for _ in range(20):
            await file(registry, dead.url)
        await file(registry, receiver.url)
        await until(lambda: len(receiver.got) == 1, 4.0)
        assert 1 <= len(dead.got) <= 4


async def test_redirects_are_not_followed_and_endless_answers_not_read(
    registry: RedisRegistry, receiver: Receiver
) -> None:
    async def endless(received: Received) -> web.StreamResponse:
        answer = web.StreamResponse(status=200)
        await answer.prepare(received.request)
        while True:
            await answer.write(b"x" * 65536)

    async def away(received: Received) -> web.StreamResponse:
        if received.path == "/endless":
            return await endless(received)
        return web.Response(status=302, headers={"location": "/inside"})

    receiver.answer = away
    counted: list[str] = []
    async with dispatching(registry, counted=counted):
        record = await file(registry, f"{receiver.url}/away", f"{receiver.url}/endless")
        await until(lambda: "given_up" in counted and "delivered" in counted)
    assert {each.path for each in receiver.got} == {"/away", "/endless"}
    found = {d.state: d.last_status for d, _ in await registry.deliveries.of(record.id)}
    assert found == {"given_up": 302, "delivered": 200}


async def test_a_slow_answer_is_given_up_in_time(
    registry: RedisRegistry, receiver: Receiver
) -> None:
    async def slow(received: Received) -> web.StreamResponse:
        await asyncio.sleep(1.0)
        return web.Response()

    receiver.answer = slow
    counted: list[str] = []
    async with dispatching(registry, timeout_s=0.2, counted=counted):
        record = await file(registry, receiver.url)
        await until(lambda: "failed" in counted)
        receiver.answer = status(200)
        await until(lambda: "delivered" in counted)
    ((delivery, _),) = await registry.deliveries.of(record.id)
    assert delivery.tries >= 2


async def gone(registry: RedisRegistry, recipient_id: str) -> None:
    """Wait until a recipient is disabled."""

    async def disabled() -> bool:
        return (await registry.recipients.get(recipient_id)).disabled

    await support.until(disabled)


async def test_a_recipient_that_is_gone_is_told_no_more_until_a_test_arrives(
    registry: RedisRegistry, receiver: Receiver, store: RedisStore
) -> None:
    receiver.answer = status(410)
    made = await recipient(registry, receiver)
    async with dispatching(registry) as running:
        await file(registry)
        await until(lambda: len(receiver.got) == 1)
        await gone(registry, made.id)
        await file(registry)
        _, head = await registry.audit_head()
        raw: Any = store.raw
        await until(lambda: int(raw.get(keys.WEBHOOKS_CURSOR)) >= head.number)
        assert not (await running.test(await registry.recipients.get(made.id), BY)).delivered
        receiver.answer = status(200)
        outcome = await running.test(await registry.recipients.get(made.id), BY)
        assert outcome.delivered
        await file(registry)
        await until(lambda: receiver.events() == ["filed", "test", "test", "filed"])
    actions = [e.action for e in await registry.events(made.id)]
    assert actions == ["recipient_created", "recipient_disabled", "recipient_enabled"]
    (seen,) = [each for each in receiver.got if each.told["event"] == "filed"][1:]
    Webhook(made.secret).verify(seen.body, seen.headers)


async def test_what_waits_for_a_removed_recipient_is_given_up(
    registry: RedisRegistry, receiver: Receiver
) -> None:
    counted: list[str] = []
    receiver.answer = status(500)
    made = await recipient(registry, receiver)
    async with dispatching(registry, counted=counted) as running:
        record = await file(registry)
        await until(lambda: "failed" in counted)
        await registry.recipients.remove(made.id, BY)
        await registry.deliveries.hurry(made.id)
        await until(lambda: "given_up" in counted and running.waiting == 0)
    ((delivery, due),) = await registry.deliveries.of(record.id)
    assert (delivery.last_error, due) == ("removed", None)


async def test_both_secrets_hold_while_one_is_rotated(
    registry: RedisRegistry, receiver: Receiver
) -> None:
    made = await recipient(registry, receiver)
    newer = new_secret()
    until_then = (await registry.deliveries.time()).replace(year=2099)
    await registry.recipients.change(
        made.id,
        "recipient_secret_rotated",
        BY,
        lambda r: replace(r, secret=newer, previous=r.secret, previous_until=until_then),
    )
    await file(registry)
    async with dispatching(registry):
        await until(lambda: len(receiver.got) == 1)
    (got,) = receiver.got
    for secret in (made.secret, newer):
        Webhook(secret).verify(got.body, got.headers)


async def test_a_clock_that_was_set_back_holds_nothing_up(
    registry: RedisRegistry, receiver: Receiver, store: RedisStore
) -> None:
    record = await file(registry, receiver.url)
    await making.Maker(registry).make(1.0)
    ((delivery, due),) = await registry.deliveries.of(record.id)
    assert due is not None
    ahead = (due.timestamp() + 30 * 86_400) * 1e6
    store.raw.zadd(keys.WEBHOOKS_DUE + delivery.target, {delivery.lane: ahead})
    store.raw.zadd(keys.WEBHOOKS_TARGETS, {delivery.target: ahead})
    async with dispatching(registry):
        await until(lambda: len(receiver.got) == 1)


async def test_many_events_go_to_many_targets_in_the_order_of_each(
    registry: RedisRegistry, receiver: Receiver
) -> None:
    await recipient(registry, receiver, events=frozenset(EVENTS))
    records = [await file(registry, f"{receiver.url}/{n}") for n in range(40)]
    async with dispatching(registry):
        for record in records:
            for to in (Status.PAUSED, Status.IN_PROGRESS, Status.LIFTED):
                await move(registry, record.id, to)
        await until(lambda: len(receiver.got) == 2 * 40 * 4, 60.0)
    for record, number in zip(records, range(40), strict=True):
        assert receiver.events(f"/{number}") == ["filed", "paused", "in_progress", "lifted"]
        told = [e.told["event"] for e in receiver.got if e.told["request_id"] == record.id]
        assert len(told) == 8
    assert len({each.id for each in receiver.got}) == len(receiver.got)


@pytest.mark.parametrize("what", ["body", "place"])
async def test_what_a_stranger_writes_into_the_queue_is_not_sent(
    registry: RedisRegistry, receiver: Receiver, store: RedisStore, what: str
) -> None:
    record = await file(registry, receiver.url)
    other = await file(registry, receiver.url)
    await making.Maker(registry).make(1.0)
    kept: Any = store.raw.hgetall(keys.DELIVERIES + record.id)
    ((name, sealed),) = kept.items()
    if what == "body":
        store.raw.hset(keys.DELIVERIES + record.id, name, b"\x00" + sealed[1:])
    else:
        ((theirs, _),) = store.raw.hgetall(keys.DELIVERIES + other.id).items()
        store.raw.hset(keys.DELIVERIES + record.id, name, theirs)
    async with dispatching(registry):
        await until(lambda: len(receiver.got) == 1)
        await asyncio.sleep(0.3)
    assert [each.told["request_id"] for each in receiver.got] == [other.id]


async def test_an_entry_that_was_not_written_here_is_told_to_nobody(
    registry: RedisRegistry, receiver: Receiver, store: RedisStore
) -> None:
    await recipient(registry, receiver)
    record = await file(registry)
    number = len(await registry.audit(0, 100)) + 1
    entry = orjson.dumps(
        {"number": number, "time": "", "by": "x", "action": "lifted", "id": record.id, "version": 1,
         "revision": 2, "details": {"to": "lifted"}, "previous": ""}
    )  # fmt: skip
    store.raw.xadd(keys.AUDIT, {"entry": entry, "mark": b"0" * 32}, id=f"{number}-0")
    async with dispatching(registry):
        await asyncio.sleep(0.5)
    assert receiver.got == []


async def test_what_is_told_late_is_told_as_it_was_then(
    registry: RedisRegistry, receiver: Receiver
) -> None:
    await recipient(registry, receiver, include_subject=True)
    record = await file(registry, f"{receiver.url}/before")
    await registry.acknowledge("one", record.revision)
    new = filing("Mira Quell-Hart", status_callback_urls=[f"{receiver.url}/after"])
    edit = Amendment("amended", BY, Case(filed_by="a"), filing=new, rule=b"r")
    await registry.amend(await registry.get(record.id), edit)
    async with dispatching(registry):
        await until(lambda: len(receiver.got) == 6)
    assert receiver.events("/before") == ["filed", "completed"]
    assert receiver.events("/after") == ["amended"]
    told = [each.told for each in receiver.got if each.path == "/"]
    names = [(t["event"], t["version"], t["subject"]["name"], t["status"]) for t in told]
    assert names == [
        ("filed", 1, "Mira Quell", "in_progress"),
        ("completed", 1, "Mira Quell", "completed"),
        ("amended", 2, "Mira Quell-Hart", "in_progress"),
    ]


async def test_what_arrived_is_not_sent_again_and_again_while_the_audit_is_broken(
    registry: RedisRegistry, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: Any) -> bool:
        raise AuditBroken("It was cut.")

    monkeypatch.setattr(registry.deliveries, "done", broken)
    async with dispatching(registry, timeout_s=0.1):
        record = await file(registry, receiver.url)
        await until(lambda: len(receiver.got) == 1)
        await asyncio.sleep(1.0)
    assert len(receiver.got) == 1
    ((delivery, due),) = await registry.deliveries.of(record.id)
    assert delivery.state == "waiting"
    assert due is not None
    assert due - await registry.deliveries.time() > timedelta(minutes=4)
