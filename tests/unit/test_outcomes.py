"""Outcomes: counted once, whatever the store does, and closed so that they cannot change."""

from __future__ import annotations

import asyncio
from collections import Counter

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.audit.hours import close_hours, hour_view
from gateway.audit.outcomes import Outcomes
from gateway.audit.traces import Traces, cut
from gateway.errors import RegistryUnavailable
from gateway.registry.audit import entry_of
from gateway.registry.memory import MemoryRegistry
from gateway.registry.memory_outcomes import MemoryOutcomes
from gateway.registry.outcomes import Counts, table_hash

HOUR = 1_800_000_000 // 3_600 * 3_600


class Clock:
    def __init__(self) -> None:
        self.now = float(HOUR)

    def __call__(self) -> float:
        return self.now


class Unsteady(MemoryOutcomes):
    """Fails as it is told: before it took the counts, or after, which looks the same."""

    def __init__(self, failures: list[str]) -> None:
        super().__init__(Clock())
        self.failures = failures

    async def add(self, sender: str, number: int, counts: Counts, keep_s: int) -> None:
        failure = self.failures.pop() if self.failures else None
        if failure == "before":
            raise RegistryUnavailable("Redis cannot be reached.")
        await super().add(sender, number, dict(counts), keep_s)
        if failure == "after":
            raise RegistryUnavailable("Redis did not answer.")


requests = st.tuples(
    st.sampled_from(["enforced", "allowed", "aborted"]),
    st.dictionaries(st.sampled_from(["fr_1", "fr_2"]), st.sampled_from(["enforced", "allowed"])),
)


@given(
    st.lists(st.lists(requests, max_size=5), max_size=6),
    st.lists(st.sampled_from(["before", "after", None]), max_size=6),
)
def test_every_request_is_counted_once(
    rounds: list[list[tuple[str, dict[str, str]]]], failures: list[str]
) -> None:
    store = Unsteady(failures)
    outcomes = Outcomes(store, 400)
    expected: Counter[tuple[str, str]] = Counter()

    async def run() -> None:
        for asked in rounds:
            for outcome, touched in asked:
                outcomes.add(outcome, touched)
                expected.update([("*", outcome), *touched.items()])
            try:
                await outcomes.flush()
            except RegistryUnavailable:
                continue
        store.failures.clear()
        await outcomes.flush()
        assert await store.table(HOUR) == expected

    asyncio.run(run())


async def test_what_waits_is_bounded() -> None:
    outcomes = Outcomes(Unsteady([]), 400)
    for number in range(120_000):
        outcomes.add("enforced", {f"fr_{number}": "enforced"})
    assert len(outcomes) <= 100_001
    table = outcomes._waiting
    assert table["*", "enforced"] == 120_000
    assert sum(n for (name, _), n in table.items() if name != "*") == 120_000


async def test_what_is_lost_at_the_end_is_told(caplog: pytest.LogCaptureFixture) -> None:
    outcomes = Outcomes(Unsteady(["before"]), 400)
    outcomes.add("enforced", {"fr_1": "enforced"})
    await outcomes.finish()
    assert "2 counts of outcomes are lost" in caplog.text


@pytest.fixture
def clock() -> Clock:
    return Clock()


async def test_an_hour_that_is_over_is_told_once_and_stays(clock: Clock) -> None:
    registry = MemoryRegistry(clock=clock)
    outcomes = Outcomes(registry.outcomes, 400)
    outcomes.add("enforced", {"fr_1": "enforced", "fr_2": "allowed"})
    outcomes.add("allowed")
    await outcomes.flush()
    assert await close_hours(registry, "gateway:a") == 0
    clock.now += 3_700
    assert await close_hours(registry, "gateway:a") == 1
    assert await close_hours(registry, "gateway:a") == 0
    (line,) = await registry.audit(0, 10)
    told = entry_of(line)
    table = await registry.outcomes.table(HOUR)
    assert told.action == "outcomes"
    assert told.details == {
        "hour": "2027-01-15T08:00:00Z",
        "rows": 4,
        "totals": {"allowed": 1, "enforced": 1},
        "sha256": table_hash(table),
    }
    clock.now = HOUR + 10  # a clock that went back
    outcomes.add("enforced", {"fr_1": "enforced"})
    await outcomes.flush()
    assert await registry.outcomes.table(HOUR) == table
    view = await hour_view(registry, HOUR, "fr_1")
    assert view["counts"] == {"fr_1": {"enforced": 1}}
    assert (view["entry"], view["intact"]) == (1, True)


async def test_what_broke_off_while_an_hour_was_closed_is_brought_to_its_end(
    clock: Clock,
) -> None:
    registry = MemoryRegistry(clock=clock)
    await registry.outcomes.add("a", 1, {("*", "enforced"): 1}, 60)
    clock.now += 3_700
    await registry.outcomes.freeze(HOUR)
    assert await close_hours(registry, "gateway:a") == 1
    registry.outcomes._closed.clear()  # told, and not called closed
    assert await close_hours(registry, "gateway:b") == 1
    assert len(await registry.audit(0, 10)) == 1


async def test_counts_that_were_changed_later_show(clock: Clock) -> None:
    registry = MemoryRegistry(clock=clock)
    await registry.outcomes.add("a", 1, {("fr_1", "enforced"): 7}, 60)
    assert (await hour_view(registry, HOUR, None))["intact"] is None
    clock.now += 3_700
    await close_hours(registry, "gateway:a")
    registry.outcomes._tables[HOUR]["fr_1", "enforced"] = 9
    assert (await hour_view(registry, HOUR, None))["intact"] is False


tables = st.dictionaries(
    st.tuples(st.sampled_from(["*", "fr_1", "fr_12"]), st.sampled_from(["enforced", "allowed"])),
    st.integers(1, 99),
)


@given(tables, tables)
def test_two_tables_have_one_hash_only_if_they_are_the_same(
    one: dict[tuple[str, str], int], two: dict[tuple[str, str], int]
) -> None:
    assert (table_hash(one) == table_hash(two)) == (one == two)
    assert table_hash(one) == table_hash(dict(reversed(one.items())))


class TestTraces:
    @staticmethod
    def traces(registry: MemoryRegistry, sample: float, chance: float = 0.5) -> Traces:
        return Traces(registry.traces, sample, 24, lambda: chance)

    def test_nothing_is_picked_unless_it_is_asked_for(self) -> None:
        assert self.traces(MemoryRegistry(), 0.0, 0.0).pick() is None
        assert self.traces(MemoryRegistry(), 0.0).warnings == ()
        assert self.traces(MemoryRegistry(), 0.4).pick() is None
        assert self.traces(MemoryRegistry(), 0.6).pick() is not None
        assert "PROMPTS ARE KEPT" in self.traces(MemoryRegistry(), 0.01).warnings[0]

    def test_what_waits_is_bounded(self) -> None:
        traces = self.traces(MemoryRegistry(), 1.0)
        keep = traces.pick()
        assert keep is not None
        for _ in range(1_000):
            keep({"conversations": [], "reply": ""})
        assert len(traces) == 256

    @given(
        st.lists(
            st.lists(
                st.fixed_dictionaries(
                    {"role": st.just("user"), "content": st.integers(0, 40_000).map("é".__mul__)}
                ),
                max_size=4,
            ),
            max_size=3,
        )
    )
    def test_a_long_conversation_is_cut_from_its_beginning(
        self, conversations: list[list[dict[str, str]]]
    ) -> None:
        kept = cut({"conversations": conversations})
        size = sum(len(m["content"]) for c in kept["conversations"] for m in c)
        whole = sum(len(m["content"]) for c in conversations for m in c)
        assert size == min(whole, 32_000)
        assert kept["cut"] == (whole > 32_000)
        assert len(orjson.dumps(kept)) < 200_000
        if conversations and conversations[0] and whole:
            last = conversations[0][-1]["content"]
            assert kept["conversations"][0] == [] or last.endswith(
                kept["conversations"][0][-1]["content"]
            )
