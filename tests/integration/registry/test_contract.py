"""What store.py promises, sentence by sentence, of every registry."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import uuid4

import pytest
import pytest_asyncio

from gateway.errors import Conflict, InvalidRequest, NotFound, TooManyPending
from gateway.registry import memory, redis_write
from gateway.registry.case import Case, pack_case
from gateway.registry.errors import LedgerBroken
from gateway.registry.filter import Filter
from gateway.registry.models import Change
from gateway.registry.status import Status
from gateway.registry.store import Registry
from tests.integration.registry.support import BY, LEASE_S, NOW, Store, api_key, draft, move


@pytest_asyncio.fixture
async def second(store: Store) -> AsyncIterator[Registry]:
    """Another gateway's registry on the same store."""
    registry = store.connect()
    yield registry
    await registry.close()


class TestOpen:
    async def test_says_whether_it_may_lose_what_it_was_given(self, registry: Registry) -> None:
        lossy = ("CAN BE LOST", "in memory only")
        told = any(words in text for text in registry.warnings for words in lossy)
        assert told == registry.volatile

    async def test_the_epoch_stays(self, registry: Registry, second: Registry) -> None:
        assert await registry.open() == await second.open()

    async def test_an_empty_store_has_revision_0(self, registry: Registry) -> None:
        state = await registry.state()
        assert (state.epoch, state.revision) == (await registry.open(), 0)
        assert (state.records, state.keys) == ((), ())

    async def test_another_ledger_is_not_opened_again(
        self, registry: Registry, store: Store
    ) -> None:
        store.replace()
        with pytest.raises(LedgerBroken, match="backup"):
            await registry.open()


class TestFile:
    async def test_gives_back_what_was_filed(self, registry: Registry) -> None:
        filed = draft(scope={"questions": ["Where was she born?"]}, retain=["Who is Tom Quell?"])
        record, new = await registry.file(filed)
        assert new
        assert (record.id, record.version, record.revision) == (filed.id, 1, 1)
        assert record.status is Status.IN_PROGRESS
        assert (record.filing, record.rule) == (filed.filing, filed.rule)
        assert record.received_time == NOW
        assert record.completed_time is None
        assert await registry.get(filed.id) == record

    async def test_every_filing_raises_the_revision_by_one(self, registry: Registry) -> None:
        revisions = [(await registry.file(draft()))[0].revision for _ in range(3)]
        assert revisions == [1, 2, 3]

    async def test_the_same_submission_again(self, registry: Registry, second: Registry) -> None:
        submitted = str(uuid4())
        first, _ = await registry.file(draft(submitted=submitted))
        again, new = await second.file(draft(submitted=submitted))
        assert not new
        assert again == first
        assert (await registry.state()).revision == 1

    async def test_the_same_submission_changed(self, registry: Registry) -> None:
        submitted = str(uuid4())
        await registry.file(draft(submitted=submitted))
        with pytest.raises(Conflict) as error:
            await registry.file(draft("Tom Quell", submitted=submitted))
        assert error.value.param == "subject_request_id"
        assert (await registry.state()).revision == 1

    async def test_without_a_submission_the_same_text_is_two_requests(
        self, registry: Registry
    ) -> None:
        await registry.file(draft())
        _, new = await registry.file(draft())
        assert new

    async def test_an_id_is_used_once(self, registry: Registry) -> None:
        filed = draft()
        await registry.file(filed)
        with pytest.raises(Conflict):
            await registry.file(filed)

    async def test_fifty_at_once_have_fifty_revisions(
        self, registry: Registry, second: Registry
    ) -> None:
        answers = await asyncio.gather(
            *((registry, second)[i % 2].file(draft(f"Person {i}")) for i in range(50))
        )
        assert sorted(record.revision for record, _ in answers) == list(range(1, 51))
        assert [c.revision for c in await registry.tail(0, 1)] == list(range(1, 51))

    async def test_the_same_submission_fifty_times_at_once_is_one(self, registry: Registry) -> None:
        submitted = str(uuid4())
        answers = await asyncio.gather(
            *(registry.file(draft(submitted=submitted)) for _ in range(50))
        )
        assert sum(new for _, new in answers) == 1
        assert len({record.id for record, _ in answers}) == 1


class TestPropose:
    async def test_waits_and_is_not_enforced(self, registry: Registry, second: Registry) -> None:
        proposed = draft(origin="chat")
        record, new = await registry.propose(proposed)
        assert new
        assert (record.status, record.revision) == (Status.PENDING, 1)
        assert await second.get(proposed.id) == record
        assert record.filing.origin == "chat"
        assert [r.id for r in (await registry.list(Filter(Status.PENDING), 10, None)).items] == [
            record.id
        ]
        assert (await registry.state()).records == ()
        assert await registry.tail(0, 1) == (Change(1, "held", record.id),)
        await registry.acknowledge("a", 1)
        assert (await registry.get(record.id)).status is Status.PENDING

    async def test_the_same_subject_waits_once(self, registry: Registry, second: Registry) -> None:
        first, _ = await registry.propose(draft("Mira Quell"))
        again, new = await second.propose(draft("mira  QUELL"))
        assert (again, new) == (first, False)
        other, new = await registry.propose(draft("Tom Hart"))
        assert new
        assert other.revision == 2

    async def test_at_once_it_waits_once(self, registry: Registry, second: Registry) -> None:
        answers = await asyncio.gather(
            *((registry, second)[i % 2].propose(draft("Mira Quell")) for i in range(20))
        )
        assert sum(new for _, new in answers) == 1
        assert len({record.id for record, _ in answers}) == 1

    @pytest.mark.parametrize(
        ("moves", "new"),
        [
            ([Status.APPROVED], False),
            ([Status.DENIED], True),
            ([Status.CANCELLED], True),
            ([Status.APPROVED, Status.LIFTED], True),
        ],
    )
    async def test_asked_again_after_a_decision(
        self, registry: Registry, moves: list[Status], new: bool
    ) -> None:
        first, _ = await registry.propose(draft())
        for status in moves:
            await move(registry, first.id, status)
        again, made = await registry.propose(draft())
        assert made is new
        assert (again.id == first.id) is not new

    async def test_approved_it_is_enforced_and_completed(self, registry: Registry) -> None:
        await registry.acknowledge("a", 0)
        record, _ = await registry.propose(draft())
        await registry.acknowledge("a", 1)
        approved = await move(registry, record.id, Status.APPROVED)
        assert approved == replace(
            record, status=Status.APPROVED, revision=2, case=pack_case(Case(decided_by=BY))
        )
        assert (await registry.state()).records == (approved,)
        assert await registry.tail(1, 1) == (Change(2, "approved", record.id),)
        assert (await registry.list(Filter(Status.PENDING), 10, None)).items == ()
        await registry.acknowledge("a", 2)
        assert (await registry.get(record.id)).status is Status.COMPLETED

    async def test_keeps_its_place_in_the_list(self, registry: Registry) -> None:
        first, _ = await registry.propose(draft("Tom Hart"))
        second, _ = await registry.file(draft())
        await move(registry, first.id, Status.APPROVED)
        ids = [record.id for record in (await registry.list(Filter(), 10, None)).items]
        assert ids == [first.id, second.id]

    async def test_denied_it_is_never_enforced(self, registry: Registry) -> None:
        record, _ = await registry.propose(draft())
        assert (await move(registry, record.id, Status.DENIED)).status is Status.DENIED
        with pytest.raises(Conflict, match="denied"):
            await move(registry, record.id, Status.APPROVED)
        assert (await registry.state()).records == ()

    @pytest.mark.parametrize("to", [Status.LIFTED, Status.PENDING, Status.COMPLETED])
    async def test_what_never_was_enforced_is_not_lifted(
        self, registry: Registry, to: Status
    ) -> None:
        record, _ = (
            await registry.file(draft())
            if to is Status.PENDING
            else (await registry.propose(draft()))
        )
        with pytest.raises(Conflict):
            await move(registry, record.id, to)

    async def test_only_so_many_wait(
        self, registry: Registry, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for module in (memory, redis_write):
            monkeypatch.setattr(module, "MAX_PENDING", 2)
        first, _ = await registry.propose(draft("Person One"))
        await registry.propose(draft("Person Two"))
        with pytest.raises(TooManyPending):
            await registry.propose(draft("Person Three"))
        assert not (await registry.propose(draft("Person One")))[1]
        await move(registry, first.id, Status.DENIED)
        assert (await registry.propose(draft("Person Three")))[1]


class TestGetAndList:
    async def test_nobody_filed_it(self, registry: Registry) -> None:
        with pytest.raises(NotFound):
            await registry.get("fr_nobody")

    async def test_pages_oldest_first(self, registry: Registry) -> None:
        ids = [(await registry.file(draft(f"Person {i}")))[0].id for i in range(5)]
        seen: list[str] = []
        cursor, pages = None, 0
        while pages == 0 or cursor is not None:
            page = await registry.list(Filter(), 2, cursor)
            seen += [record.id for record in page.items]
            cursor, pages = page.next_cursor, pages + 1
        assert (seen, pages) == (ids, 3)

    async def test_an_exact_page_has_no_next(self, registry: Registry) -> None:
        for _ in range(2):
            await registry.file(draft())
        assert (await registry.list(Filter(), 2, None)).next_cursor is None

    async def test_a_cursor_outlives_what_it_points_at(self, registry: Registry) -> None:
        ids = [(await registry.file(draft(f"Person {i}")))[0].id for i in range(4)]
        page = await registry.list(Filter(Status.IN_PROGRESS), 2, None)
        await move(registry, ids[1], Status.CANCELLED)
        rest = await registry.list(Filter(Status.IN_PROGRESS), 2, page.next_cursor)
        assert [record.id for record in rest.items] == ids[2:]

    async def test_by_status(self, registry: Registry) -> None:
        ids = [(await registry.file(draft(f"Person {i}")))[0].id for i in range(3)]
        await move(registry, ids[0], Status.LIFTED)
        await move(registry, ids[2], Status.CANCELLED)
        for status, expected in [
            (Status.IN_PROGRESS, ids[1:2]),
            (Status.LIFTED, ids[:1]),
            (Status.CANCELLED, ids[2:]),
            (Status.COMPLETED, []),
            (None, ids),
        ]:
            page = await registry.list(Filter(status), 10, None)
            assert [record.id for record in page.items] == expected

    @pytest.mark.parametrize("cursor", ["", "x", "fr_1", "é", "YWZ0ZXI6", "YWZ0ZXI6LTE", "===="])
    async def test_a_foreign_cursor(self, registry: Registry, cursor: str) -> None:
        with pytest.raises(InvalidRequest) as error:
            await registry.list(Filter(), 10, cursor)
        assert error.value.param == "cursor"

    @pytest.mark.parametrize("limit", [-1, 0, 1001])
    async def test_a_limit_out_of_bounds(self, registry: Registry, limit: int) -> None:
        with pytest.raises(InvalidRequest) as error:
            await registry.list(Filter(), limit, None)
        assert error.value.param == "limit"


class TestMove:
    @pytest.mark.parametrize("to", [Status.LIFTED, Status.CANCELLED])
    async def test_from_in_progress(self, registry: Registry, to: Status) -> None:
        record, _ = await registry.file(draft())
        moved = await move(registry, record.id, to)
        decided = pack_case(Case(decided_by=BY))
        assert moved == replace(record, status=to, revision=2, case=decided)
        assert await registry.get(record.id) == moved
        assert (await registry.state()).records == ()
        assert await registry.tail(1, 1) == (Change(2, to.value, record.id),)

    async def test_a_completed_request_is_lifted_but_not_cancelled(
        self, registry: Registry
    ) -> None:
        record, _ = await registry.file(draft())
        await registry.acknowledge("a", 1)
        with pytest.raises(Conflict):
            await move(registry, record.id, Status.CANCELLED)
        lifted = await move(registry, record.id, Status.LIFTED)
        assert lifted.completed_time is not None

    async def test_again_changes_nothing(self, registry: Registry) -> None:
        record, _ = await registry.file(draft())
        first = await move(registry, record.id, Status.LIFTED)
        assert await move(registry, record.id, Status.LIFTED) == first
        assert (await registry.state()).revision == 2

    @pytest.mark.parametrize(
        ("first", "then"),
        [
            (Status.LIFTED, Status.CANCELLED),
            (Status.CANCELLED, Status.LIFTED),
            (Status.LIFTED, Status.IN_PROGRESS),
            (Status.LIFTED, Status.COMPLETED),
        ],
    )
    async def test_not_allowed(self, registry: Registry, first: Status, then: Status) -> None:
        record, _ = await registry.file(draft())
        await move(registry, record.id, first)
        with pytest.raises(Conflict, match=first.value):
            await move(registry, record.id, then)

    async def test_nobody_filed_it(self, registry: Registry) -> None:
        with pytest.raises(NotFound):
            await move(registry, "fr_nobody", Status.LIFTED)

    async def test_what_was_moved_is_never_completed(self, registry: Registry) -> None:
        record, _ = await registry.file(draft())
        await move(registry, record.id, Status.CANCELLED)
        await registry.acknowledge("a", 2)
        assert (await registry.get(record.id)).status is Status.CANCELLED


class TestKeys:
    async def test_come_and_go(self, registry: Registry) -> None:
        assert await registry.put_key(api_key(), BY) == 1
        assert (await registry.state()).keys == await registry.keys() == (api_key(),)
        assert await registry.drop_key("key_1", BY) == 2
        assert (await registry.state()).keys == await registry.keys() == ()
        assert await registry.tail(0, 1) == (
            Change(1, "key_created", "key_1"),
            Change(2, "key_revoked", "key_1"),
        )

    async def test_nobody_issued_it(self, registry: Registry) -> None:
        with pytest.raises(NotFound):
            await registry.drop_key("key_nobody", BY)

    async def test_an_id_is_used_once(self, registry: Registry) -> None:
        await registry.put_key(api_key(), BY)
        with pytest.raises(Conflict):
            await registry.put_key(api_key(), BY)
        assert (await registry.state()).revision == 1


class TestState:
    async def test_holds_what_is_enforced(self, registry: Registry, second: Registry) -> None:
        await registry.acknowledge("silent", 0)
        kept = [(await registry.file(draft(f"Person {i}")))[0] for i in range(3)]
        await move(registry, kept[0].id, Status.LIFTED)
        await second.open()
        state = await second.state()
        assert state.revision == 4
        assert set(state.records) == set(kept[1:])

    async def test_is_the_same_whatever_is_held_already(
        self, registry: Registry, second: Registry
    ) -> None:
        await registry.acknowledge("silent", 0)
        filed = [(await registry.file(draft(f"Person {i}")))[0] for i in range(4)]
        held = {record.id: record for record in filed[:3]}
        await move(registry, filed[0].id, Status.LIFTED)
        await move(registry, filed[3].id, Status.CANCELLED)
        late, _ = await registry.file(draft("Somebody new"))
        await second.open()
        state = await second.state(held)
        assert set(state.records) == {*filed[1:3], late}
        assert all(record is held[record.id] for record in state.records if record != late)

    async def test_holds_completed_requests(self, registry: Registry) -> None:
        record, _ = await registry.file(draft())
        await registry.acknowledge("a", 1)
        assert [r.status for r in (await registry.state()).records] == [Status.COMPLETED]
        assert (await registry.state()).revision == record.revision


class TestTail:
    async def test_the_rest_of_the_ledger(self, registry: Registry) -> None:
        ids = [(await registry.file(draft(f"Person {i}")))[0].id for i in range(4)]
        assert await registry.tail(2, 1) == (Change(3, "filed", ids[2]), Change(4, "filed", ids[3]))

    async def test_waits_in_vain(self, registry: Registry) -> None:
        started = time.monotonic()
        assert await registry.tail(0, 0.2) == ()
        assert 0.15 < time.monotonic() - started < 1

    async def test_does_not_wait_for_ever_when_told_not_to_wait(self, registry: Registry) -> None:
        assert await asyncio.wait_for(registry.tail(0, 0), 1) == ()

    async def test_is_woken_by_a_change(self, registry: Registry, second: Registry) -> None:
        waiting = asyncio.create_task(registry.tail(0, 5))
        await asyncio.sleep(0.1)
        await second.file(draft())
        started = time.monotonic()
        assert [change.revision for change in await waiting] == [1]
        assert time.monotonic() - started < 0.5

    async def test_can_be_cancelled_and_asked_again(self, registry: Registry) -> None:
        waiting = asyncio.create_task(registry.tail(0, 5))
        await asyncio.sleep(0.05)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        await registry.file(draft())
        assert len(await registry.tail(0, 1)) == 1

    async def test_settling_is_no_change(self, registry: Registry) -> None:
        await registry.file(draft())
        await registry.acknowledge("a", 1)
        assert await registry.tail(1, 0.05) == ()

    async def test_a_gap(self, registry: Registry, store: Store) -> None:
        for i in range(4):
            await registry.file(draft(f"Person {i}"))
        store.cut(3)
        with pytest.raises(LedgerBroken, match="3"):
            await registry.tail(2, 1)
        with pytest.raises(LedgerBroken, match="3"):
            await registry.tail(0, 1)

    async def test_a_ledger_that_ends_before(self, registry: Registry, store: Store) -> None:
        for i in range(3):
            await registry.file(draft(f"Person {i}"))
        store.rewind(1)
        with pytest.raises(LedgerBroken, match="older backup"):
            await registry.tail(3, 1)

    async def test_another_ledger(self, registry: Registry, store: Store) -> None:
        await registry.file(draft())
        store.replace()
        with pytest.raises(LedgerBroken, match="another one"):
            await registry.tail(0, 1)


class TestSettling:
    async def test_completes_when_all_have_acknowledged(self, registry: Registry) -> None:
        await registry.acknowledge("a", 0)
        await registry.acknowledge("b", 0)
        record, _ = await registry.file(draft())
        await registry.acknowledge("a", 1)
        assert (await registry.get(record.id)).status is Status.IN_PROGRESS
        await registry.acknowledge("b", 1)
        completed = await registry.get(record.id)
        assert completed.status is Status.COMPLETED
        assert completed.completed_time is not None
        assert completed.revision == record.revision

    async def test_later_filings_wait(self, registry: Registry) -> None:
        first, _ = await registry.file(draft())
        second, _ = await registry.file(draft("Tom Quell"))
        await registry.acknowledge("a", 1)
        assert (await registry.get(first.id)).status is Status.COMPLETED
        assert (await registry.get(second.id)).status is Status.IN_PROGRESS

    async def test_a_silent_gateway_blocks_until_it_is_expired(self, registry: Registry) -> None:
        await registry.acknowledge("silent", 0)
        record, _ = await registry.file(draft())
        await asyncio.sleep(LEASE_S + 0.1)
        await registry.acknowledge("a", 1)
        assert {r.id: r.live for r in await registry.gateways()} == {"a": True, "silent": False}
        assert (await registry.get(record.id)).status is Status.IN_PROGRESS
        await registry.leave("silent")
        assert (await registry.get(record.id)).status is Status.COMPLETED

    async def test_nothing_completes_without_a_gateway(self, registry: Registry) -> None:
        record, _ = await registry.file(draft())
        await registry.acknowledge("a", 0)
        await registry.leave("a")
        await registry.leave("never there")
        assert (await registry.get(record.id)).status is Status.IN_PROGRESS
        assert await registry.gateways() == ()

    async def test_gateways_show_what_they_said_last(self, registry: Registry) -> None:
        await registry.file(draft())
        await registry.acknowledge("b", 1)
        await registry.acknowledge("a", 1)
        await registry.acknowledge("a", 0)  # restarted with an older snapshot
        assert [(r.id, r.revision) for r in await registry.gateways()] == [("a", 0), ("b", 1)]

    async def test_nobody_acknowledges_what_does_not_exist(self, registry: Registry) -> None:
        with pytest.raises(LedgerBroken):
            await registry.acknowledge("a", 1)
        await registry.acknowledge("a", 0)

    async def test_many_at_once(self, registry: Registry) -> None:
        await asyncio.gather(*(registry.file(draft(f"Person {i}")) for i in range(1_100)))
        await registry.acknowledge("a", 1_100)
        assert (await registry.list(Filter(Status.IN_PROGRESS), 1, None)).items == ()
        assert len((await registry.list(Filter(Status.COMPLETED), 1_000, None)).items) == 1_000


class TestSteer:
    async def test_vectors_are_a_change_like_any_other(
        self, registry: Registry, second: Registry
    ) -> None:
        record, _ = await registry.file(draft())
        steered = await registry.steer(record, b"vectors", BY)
        assert steered == replace(record, steering=b"vectors", revision=2)
        assert await second.get(record.id) == steered
        assert (await second.state()).records == (steered,)
        assert (await registry.tail(1, 1)) == (Change(2, "steered", record.id),)

    async def test_a_record_that_was_changed_meanwhile_is_left_alone(
        self, registry: Registry, second: Registry
    ) -> None:
        record, _ = await registry.file(draft())
        await move(second, record.id, Status.LIFTED)
        with pytest.raises(Conflict):
            await registry.steer(record, b"vectors", BY)
        assert (await registry.get(record.id)).steering == b""

    async def test_nobody_filed_it(self, registry: Registry) -> None:
        record, _ = await registry.file(draft())
        with pytest.raises(NotFound):
            await registry.steer(replace(record, id="fr_none"), b"vectors", BY)

    async def test_it_completes_once_the_vectors_are_acknowledged_too(
        self, registry: Registry
    ) -> None:
        record, _ = await registry.file(draft())
        await registry.steer(record, b"vectors", BY)
        await registry.acknowledge("a", 1)
        assert (await registry.get(record.id)).status is Status.IN_PROGRESS
        await registry.acknowledge("a", 2)
        assert (await registry.get(record.id)).status is Status.COMPLETED

    async def test_a_completed_request_stays_completed(self, registry: Registry) -> None:
        record, _ = await registry.file(draft())
        await registry.acknowledge("a", 1)
        await registry.steer(record, b"vectors", BY)
        await registry.acknowledge("a", 2)
        assert (await registry.get(record.id)).status is Status.COMPLETED


async def test_a_piece_of_work_falls_to_one_until_its_lease_is_over(
    registry: Registry, second: Registry
) -> None:
    assert await registry.claim("fr_1", "a", LEASE_S)
    assert not await second.claim("fr_1", "b", LEASE_S)
    assert await second.claim("fr_1", "a", LEASE_S)
    assert await second.claim("fr_2", "b", LEASE_S)
    await asyncio.sleep(1.2 * LEASE_S)
    assert await second.claim("fr_1", "b", LEASE_S)


async def test_a_restored_backup_takes_no_filings(registry: Registry, store: Store) -> None:
    await registry.file(draft())
    await registry.file(draft("Tom Quell"))
    store.rewind(1)
    with pytest.raises(LedgerBroken, match="remove the snapshot"):
        await registry.file(draft("Ada Quell"))


async def test_another_ledger_takes_nothing(registry: Registry, store: Store) -> None:
    record, _ = await registry.file(draft())
    await registry.put_key(api_key(), BY)
    store.replace()
    for change in (
        registry.file(draft("Ada Quell")),
        registry.propose(draft("Ada Quell")),
        move(registry, record.id, Status.LIFTED),
        registry.put_key(api_key("key_2"), BY),
        registry.drop_key("key_1", BY),
        registry.acknowledge("a", 1),
        registry.leave("a"),
    ):
        with pytest.raises(LedgerBroken, match="remove the snapshot"):
            await change
