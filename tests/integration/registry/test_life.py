"""Versions, notes, due dates, lists and the audit of every registry."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from gateway.errors import Conflict, NotFound
from gateway.registry import common
from gateway.registry.amendment import Amendment
from gateway.registry.audit import Deed, entry_of, follow, genesis
from gateway.registry.case import Case
from gateway.registry.filing import REGULATIONS
from gateway.registry.filter import Filter
from gateway.registry.models import Change, Draft, Record
from gateway.registry.status import Status
from gateway.registry.store import Registry
from tests.integration.registry.support import BY, NOW, draft, filing, move

LATER = NOW + timedelta(days=31)


def edit(record: Record, name: str) -> Amendment:
    return Amendment("amended", BY, record.decided, filing=filing(name), rule=b"another")


def waiting(name: str = "Mira Quell", *, provisional: bool = False) -> Draft:
    return replace(draft(name), status=Status.PENDING, provisional=provisional)


class TestAmend:
    async def test_a_new_version_replaces_the_old_one_which_is_kept(
        self, registry: Registry
    ) -> None:
        filed, _ = await registry.file(draft())
        await registry.steer(filed, b"vectors", BY)
        record = await registry.amend(await registry.get(filed.id), edit(filed, "Mira Hale"))
        assert (record.version, record.revision, record.rule) == (2, 3, b"another")
        assert record.steering == b""
        assert await registry.get(filed.id) == record
        names = [v.filing.subject.name for v in await registry.versions(record)]
        assert names == ["Mira Quell", "Mira Hale"]
        assert await registry.tail(2, 1) == (Change(3, "amended", filed.id),)

    async def test_a_completed_request_is_enforced_nowhere_yet_in_its_new_version(
        self, registry: Registry
    ) -> None:
        filed, _ = await registry.file(draft())
        await registry.acknowledge("a", 1)
        done = await registry.get(filed.id)
        record = await registry.amend(done, edit(done, "Mira Hale"))
        assert (record.status, record.completed_time) == (Status.IN_PROGRESS, None)
        await registry.acknowledge("a", 2)
        assert (await registry.get(filed.id)).status is Status.COMPLETED

    async def test_what_was_changed_meanwhile_is_not_overwritten(self, registry: Registry) -> None:
        record, _ = await registry.file(draft())
        await registry.amend(record, edit(record, "Mira Hale"))
        with pytest.raises(Conflict) as error:
            await registry.amend(record, edit(record, "Mira Dorn"))
        assert error.value.code == "changed"
        assert (await registry.get(record.id)).version == 2

    async def test_what_was_completed_meanwhile_is_not_overwritten(
        self, registry: Registry
    ) -> None:
        record, _ = await registry.file(draft())
        await registry.acknowledge("a", 1)
        with pytest.raises(Conflict):
            await registry.amend(record, edit(record, "Mira Dorn"))

    async def test_nobody(self, registry: Registry) -> None:
        record, _ = await registry.file(draft())
        with pytest.raises(NotFound):
            await registry.amend(replace(record, id="fr_none"), edit(record, "Mira Hale"))

    async def test_an_edit_is_found_by_the_new_name_only(self, registry: Registry) -> None:
        record, _ = await registry.file(draft())
        await registry.amend(record, edit(record, "Mira Hale"))
        assert (await registry.list(Filter(subject="mira  QUELL"), 10, None)).items == ()
        (found,) = (await registry.list(Filter(subject="mira  HALE"), 10, None)).items
        assert found.id == record.id

    async def test_the_reason_of_a_decision_is_not_told_again_of_an_edit(
        self, registry: Registry
    ) -> None:
        record, _ = await registry.file(draft())
        case = replace(record.decided, reason="legal_hold")
        paused = await registry.amend(record, Amendment("paused", BY, case, status=Status.PAUSED))
        await registry.amend(paused, edit(paused, "Mira Hale"))
        told = [event.details.get("reason") for event in await registry.events(record.id)]
        assert told == [None, "legal_hold", None]

    async def test_another_due_date_is_no_news_for_gateways(self, registry: Registry) -> None:
        record, _ = await registry.file(draft())
        case = replace(record.decided, extended=True, remark="Mira Quell writes a lot.")
        later = await registry.amend(record, Amendment("extended", BY, case, due=LATER))
        assert (later.expected_completion_time, later.decided) == (LATER, case)
        assert (await registry.state()).revision == later.revision == 1


class TestProvisional:
    async def test_it_acts_while_it_waits(self, registry: Registry) -> None:
        record, _ = await registry.file(waiting(provisional=True))
        assert (await registry.state()).records == (record,)
        await registry.acknowledge("a", 1)
        assert (await registry.get(record.id)).status is Status.PENDING

    async def test_approved_it_goes_on_acting_and_is_completed(self, registry: Registry) -> None:
        record, _ = await registry.file(waiting(provisional=True))
        approved = await move(registry, record.id, Status.APPROVED)
        assert approved.revision == 1  # nothing changes for gateways
        await registry.acknowledge("a", 1)
        assert (await registry.get(record.id)).status is Status.COMPLETED

    async def test_denied_it_does_not(self, registry: Registry) -> None:
        record, _ = await registry.file(waiting(provisional=True))
        denied = await move(registry, record.id, Status.DENIED)
        assert not denied.enforced
        assert (await registry.state()).records == ()
        assert await registry.tail(1, 1) == (Change(2, "denied", record.id),)

    async def test_without_that_it_waits(self, registry: Registry) -> None:
        await registry.file(waiting())
        assert (await registry.state()).records == ()


class TestPause:
    async def test_it_does_not_act_until_it_is_resumed(self, registry: Registry) -> None:
        record, _ = await registry.file(draft())
        await registry.acknowledge("a", 1)
        await move(registry, record.id, Status.PAUSED)
        assert (await registry.state()).records == ()
        resumed = await move(registry, record.id, Status.IN_PROGRESS)
        assert (resumed.revision, resumed.completed_time) == (3, None)
        await registry.acknowledge("a", 3)
        assert (await registry.get(record.id)).status is Status.COMPLETED


class TestCompletedBefore:
    async def test_an_edit_and_a_pause_remember_it(self, registry: Registry) -> None:
        record, _ = await registry.file(draft())
        assert not record.decided.completed
        await registry.acknowledge("a", 1)
        done = await registry.get(record.id)
        again = await registry.amend(done, edit(done, "Mira Hale"))
        assert (again.status, again.decided.completed) == (Status.IN_PROGRESS, True)
        await move(registry, record.id, Status.PAUSED)
        assert (await registry.get(record.id)).decided.completed


class TestNotes:
    async def test_come_back_in_their_order(self, registry: Registry) -> None:
        record, _ = await registry.file(draft())
        for text in ("Asked for a passport.", "It came."):
            await registry.note(record.id, text, BY)
        notes = await registry.notes(record.id)
        assert [(note.text, note.by) for note in notes] == [
            ("Asked for a passport.", BY),
            ("It came.", BY),
        ]

    async def test_nobody(self, registry: Registry) -> None:
        with pytest.raises(NotFound):
            await registry.note("fr_none", "…", BY)


class TestOverdue:
    async def test_those_unanswered_past_their_due_date(self, registry: Registry) -> None:
        late, _ = await registry.file(waiting("Person One"))
        lifted, _ = await registry.file(draft("Person Two"))
        await move(registry, lifted.id, Status.LIFTED)
        await registry.file(
            replace(waiting("Person Three"), expected_completion_time=LATER + timedelta(days=1))
        )
        page = await registry.list(Filter(overdue=LATER), 10, None)
        assert [record.id for record in page.items] == [late.id]
        assert await registry.overdue(LATER) == dict.fromkeys(REGULATIONS, 0) | {"gdpr": 1}

    async def test_by_their_due_dates_page_by_page(self, registry: Registry) -> None:
        drafts = [waiting(f"Person {i}") for i in range(5)]
        due = [NOW + timedelta(days=5 - i) for i in range(5)]
        for filed, moment in zip(drafts, due, strict=True):
            await registry.file(replace(filed, expected_completion_time=moment))
        found, cursor = [], None
        while True:
            page = await registry.list(Filter(overdue=LATER), 2, cursor)
            found += [record.id for record in page.items]
            cursor = page.next_cursor
            if cursor is None:
                break
        assert found == [filed.id for filed in reversed(drafts)]


class TestLists:
    async def test_by_everything_at_once(self, registry: Registry) -> None:
        submitted = uuid4()
        wanted, _ = await registry.file(draft("Mira Quell", str(submitted), regulation="ccpa"))
        await registry.file(draft("Mira Quell"))
        await registry.file(draft("Tom Quell", regulation="ccpa"))
        for fitting in (
            Filter(submission=submitted),
            Filter(subject="Mira Quell", regulation="ccpa"),
            Filter(Status.IN_PROGRESS, "ccpa", subject="MIRA QUELL", submission=submitted),
        ):
            assert (await registry.list(fitting, 10, None)).items == (wanted,)
        assert (await registry.list(Filter(regulation="dmca"), 10, None)).items == ()
        other = Filter(subject="Tom Quell", submission=submitted)
        assert (await registry.list(other, 10, None)).items == ()
        assert (await registry.list(Filter(submission=uuid4()), 10, None)).items == ()

    async def test_by_status_and_law_in_pages(self, registry: Registry) -> None:
        drafts = [draft(f"Person {i}", regulation=REGULATIONS[i % 2]) for i in range(6)]
        for filed in drafts:
            await registry.file(filed)
        await move(registry, drafts[2].id, Status.LIFTED)
        wanted = Filter(Status.IN_PROGRESS, REGULATIONS[0])
        first = await registry.list(wanted, 1, None)
        second = await registry.list(wanted, 1, first.next_cursor)
        ids = [record.id for record in (*first.items, *second.items)]
        assert ids == [drafts[0].id, drafts[4].id]
        assert second.next_cursor is None

    async def test_of_one_subject_in_pages(self, registry: Registry) -> None:
        drafts = [draft(name) for name in ("Mira Quell", "Tom Quell", "Mira Quell", "MIRA QUELL")]
        for filed in drafts:
            await registry.file(filed)
        wanted = Filter(subject="mira quell")
        first = await registry.list(wanted, 2, None)
        second = await registry.list(wanted, 2, first.next_cursor)
        assert [record.id for record in first.items] == [drafts[0].id, drafts[2].id]
        assert [record.id for record in second.items] == [drafts[3].id]
        assert second.next_cursor is None

    async def test_by_when_they_were_received(self, registry: Registry) -> None:
        drafts = [
            replace(draft(f"Person {i}"), received_time=NOW + timedelta(hours=i)) for i in range(7)
        ]
        for filed in drafts:
            await registry.file(filed)
        since, until = NOW + timedelta(hours=2), NOW + timedelta(hours=4, minutes=1)
        page = await registry.list(Filter(since=since, until=until), 10, None)
        assert [record.id for record in page.items] == [filed.id for filed in drafts[2:5]]
        late = Filter(since=NOW + timedelta(days=9))
        assert (await registry.list(late, 10, None)).items == ()
        assert len((await registry.list(Filter(until=LATER), 10, None)).items) == 7


class TestAudit:
    async def test_every_change_is_told_in_a_chain(self, registry: Registry) -> None:
        record, _ = await registry.file(draft(submitted=str(uuid4())))
        await registry.acknowledge("a", 1)
        await registry.note(record.id, "A note.", BY)
        await move(registry, record.id, Status.LIFTED)
        await registry.log(Deed("exported", BY, details={"count": 1}))
        lines = await registry.audit(0, 100)
        head = follow(lines, genesis(await registry.open()))
        assert head.number == len(lines) == 5
        told = [(entry.action, entry.revision) for entry in map(entry_of, lines)]
        assert told == [
            ("filed", 1),
            ("completed", 1),
            ("noted", 1),
            ("lifted", 2),
            ("exported", 2),
        ]

    async def test_nothing_is_told_of_what_changed_nothing(self, registry: Registry) -> None:
        submitted = str(uuid4())
        for _ in range(2):
            await registry.file(draft(submitted=submitted))
        assert len(await registry.audit(0, 100)) == 1

    async def test_page_by_page(self, registry: Registry) -> None:
        for i in range(5):
            await registry.file(draft(f"Person {i}"))
        lines = [
            *await registry.audit(0, 2),
            *await registry.audit(2, 2),
            *await registry.audit(4, 9),
        ]
        assert [entry_of(line).number for line in lines] == [1, 2, 3, 4, 5]

    async def test_what_happened_to_one(self, registry: Registry) -> None:
        await registry.file(draft("Person One"))
        filed = replace(draft("Person Two"), case=Case(filed_by="key_filer"))
        await registry.file(filed)
        await registry.acknowledge("a", 2)
        await move(registry, filed.id, Status.LIFTED)
        told = [(entry.action, entry.by) for entry in await registry.events(filed.id)]
        assert told[0] == ("filed", "key_filer")
        assert [action for action, _ in told] == ["filed", "completed", "lifted"]
        assert told[-1] == ("lifted", BY)
        assert await registry.events("fr_none") in ((), [])


class TestLargeFilings:
    """A page ends where it holds enough, whatever was asked for: filings have megabytes."""

    @pytest.fixture(autouse=True)
    def _small_pages(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(common, "PAGE_BYTES", 10_000)

    @staticmethod
    def large(name: str, size: int) -> Draft:
        return draft(name, scope={"passages": ["x" * size]})

    @pytest.mark.parametrize(
        "wanted", [Filter(), Filter(Status.IN_PROGRESS), Filter(overdue=LATER)]
    )
    async def test_pages_of_large_requests_are_short_and_lose_none(
        self, registry: Registry, wanted: Filter
    ) -> None:
        sizes = [4_000, 4_000, 4_000, 20_000, 30_000, 10, 10, 10]
        names = [f"Person {number}" for number in range(len(sizes))]
        for name, size in zip(names, sizes, strict=True):
            await registry.file(self.large(name, size))
        seen: list[list[str | None]] = []
        cursor = None
        while not seen or cursor is not None:
            page = await registry.list(wanted, 1_000, cursor)
            seen.append([record.filing.subject.name for record in page.items])
            cursor = page.next_cursor
        if wanted.overdue is None:
            assert [len(names) for names in seen] == [2, 1, 1, 1, 3]
            assert [name for names in seen for name in names] == names
        else:  # those of one due date come in the order of their ids
            assert max(map(len, seen)) <= 5
            assert sorted(str(name) for names in seen for name in names) == names

    async def test_what_engines_are_given_counts_too(self, registry: Registry) -> None:
        for number in range(3):
            record, _ = await registry.file(draft(f"Person {number}"))
            await registry.steer(record, b"v" * 6_000, BY)
        page = await registry.list(Filter(), 1_000, None)
        assert len(page.items) == 1
        assert page.next_cursor is not None

    async def test_all_of_them_are_enforced(self, registry: Registry) -> None:
        ids = {(await registry.file(self.large(f"P {i}", 4_000)))[0].id for i in range(7)}
        assert {record.id for record in (await registry.state()).records} == ids
        held = {record.id: record for record in (await registry.state()).records}
        assert {record.id for record in (await registry.state(held)).records} == ids

    async def test_versions_come_in_pages(self, registry: Registry) -> None:
        record, _ = await registry.file(self.large("Person 0", 4_000))
        for number in range(1, 5):
            changed = replace(edit(record, "P"), filing=self.large(f"P {number}", 4_000).filing)
            record = await registry.amend(record, changed)
        seen: list[int] = []
        while not seen or seen[-1] < record.version:
            page = await registry.versions(record, seen[-1] if seen else 0)
            assert 1 <= len(page) <= 3
            seen += [version.version for version in page]
        assert seen == [1, 2, 3, 4, 5]
        (third,) = await registry.versions(record, 2, 1)
        assert third.filing.subject.name == "P 2"
        assert not await registry.versions(record, record.version)

    async def test_events_come_in_pages(self, registry: Registry) -> None:
        record, _ = await registry.file(draft())
        for number in range(3):
            record = await registry.amend(record, edit(record, f"Person {number}"))
        events = await registry.events(record.id)
        assert len(events) == 4
        assert list(await registry.events(record.id, 1, 2)) == list(events[1:3])
        assert list(await registry.events(record.id, 3, 2)) == list(events[3:])
