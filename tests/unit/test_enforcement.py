"""The enforcer over the in-memory registry: what it enforces, and when it refuses to serve."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import threading
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pytest_asyncio
from numpy.typing import NDArray

from gateway import enforcement
from gateway.access import new_key
from gateway.compiling import Compiler
from gateway.enforcement import Enforcer
from gateway.errors import Busy, NotReady, RegistryUnavailable, SettingsError
from gateway.registry.cipher import Cipher
from gateway.registry.errors import AuditBroken
from gateway.registry.filing import Filing
from gateway.registry.memory import MemoryRegistry
from gateway.registry.models import Change, Draft, Record, State
from gateway.registry.moving import move
from gateway.registry.snapshot import SnapshotFile
from gateway.registry.status import Status
from guards import Conversation, RuleSet, dump_rule
from guards.meaning.adapter import RAW
from guards.segments import Compaction

CIPHER = Cipher(b"d" * 32)
ASK = Conversation.of("Where was Mira Quell born?")


class FakeEncoder:
    """Random unit vectors, the same for the same text."""

    dimension = 8

    def __init__(self, fingerprint: str = "fake") -> None:
        self.fingerprint = fingerprint
        self.adapter = RAW
        self.calls = 0

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.calls += len(texts)
        seeds = [hashlib.sha256(text.encode()).digest()[0] for text in texts]
        rows = [np.random.default_rng(seed).normal(size=self.dimension) for seed in seeds]
        return np.asarray([r / np.linalg.norm(r) for r in rows], np.float32).reshape(-1, 8)


class Flaky(MemoryRegistry):
    """A registry that can be made to fail."""

    trouble: Exception | None = None
    trouble_with_state: Exception | None = None

    async def state(self, held: Mapping[str, Record] | None = None) -> State:
        if trouble := self.trouble or self.trouble_with_state:
            raise trouble
        return await super().state(held)

    async def tail(self, after: int, block_s: float) -> tuple[Change, ...]:
        if self.trouble:
            raise self.trouble
        return await super().tail(after, min(block_s, 0.05))


def enforcer(registry: MemoryRegistry, folder: Path, **changed: Any) -> Enforcer:
    settings: dict[str, Any] = {
        "gateway_id": "one",
        "snapshot": folder / "snapshot.bin",
        "lease_s": 5.0,
        "lag_limit_s": 30.0,
    }
    encoder = changed.pop("encoder", None) or FakeEncoder()
    return Enforcer(registry, Compiler(encoder, b""), CIPHER, **settings | changed)


async def file(registry: MemoryRegistry, name: str, rule: bytes | None = None) -> Record:
    filing = Filing.model_validate(
        {"subject": {"name": name}, "scope": {"questions": [f"Where was {name} born?"]}}
    )
    request_id = f"fr_{name.replace(' ', '').lower()}"
    compiled = dump_rule(Compiler(FakeEncoder(), b"").compile(request_id, 1, filing))
    now = datetime.now(UTC)
    record, _ = await registry.file(Draft(request_id, filing, rule or compiled, now, now))
    return record


async def until(holds: Callable[[], bool]) -> None:
    for _ in range(1_000):
        if holds():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it never came true")


async def leave_snapshot(registry: MemoryRegistry, folder: Path) -> None:
    """A gateway that enforced a filing about Mira Quell has run and stopped."""
    gateway = enforcer(registry, folder)
    await gateway.start()
    record = await file(registry, "Mira Quell")
    assert await gateway.reached(record.revision, 30.0)
    await gateway.stop()


@pytest.fixture
def registry() -> Flaky:
    return Flaky()


@pytest_asyncio.fixture
async def running(registry: Flaky, tmp_path: Path) -> AsyncIterator[Enforcer]:
    gateway = enforcer(registry, tmp_path)
    await gateway.start()
    yield gateway
    await gateway.stop()


async def test_follows_filings_lifts_and_keys(registry: Flaky, running: Enforcer) -> None:
    assert (await running.screen(ASK)).action == "allow"
    record = await file(registry, "Mira Quell")
    assert await running.reached(record.revision, 30.0)
    assert (await running.screen(ASK)).action == "refuse"
    lifted = await move(registry, record.id, Status.LIFTED, "key_officer")
    assert await running.reached(lifted.revision, 30.0)
    assert (await running.screen(ASK)).action == "allow"
    key, _ = new_key("ops", frozenset({"operator"}), b"k")
    await registry.put_key(key, "key_operator")
    assert await running.reached(lifted.revision + 1, 30.0)
    assert running.keys == {key.digest: key}


async def test_takes_over_what_was_filed_before_it_started(registry: Flaky, tmp_path: Path) -> None:
    await registry.open()
    await file(registry, "Mira Quell")
    late = enforcer(registry, tmp_path)
    await late.start()
    assert (await late.screen(ASK)).action == "refuse"
    await late.stop()


async def test_embeddings_of_another_encoder_are_computed_anew(
    registry: Flaky, tmp_path: Path
) -> None:
    await registry.open()
    await file(registry, "Mira Quell")
    encoder = FakeEncoder("another")
    gateway = enforcer(registry, tmp_path, encoder=encoder)
    await gateway.start()
    assert encoder.calls
    assert all(rule.encoder.startswith("another/") for rule in gateway.rules.rules.values())
    await gateway.stop()


async def test_unreachable_registry_keeps_the_rules_and_comes_back(
    registry: Flaky, running: Enforcer
) -> None:
    record = await file(registry, "Mira Quell")
    assert await running.reached(record.revision, 30.0)
    registry.trouble = RegistryUnavailable("Redis does not answer.")
    async with asyncio.timeout(30):
        while running.connected:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert (await running.screen(ASK)).action == "refuse"
    assert running.problems() == []  # not yet: the lag limit has not passed
    registry.trouble = None
    lifted = await move(registry, record.id, Status.LIFTED, "key_officer")
    assert await running.reached(lifted.revision, 30.0)
    assert (await running.screen(ASK)).action == "allow"


async def test_a_broken_audit_keeps_no_chat_from_being_judged(
    registry: Flaky, running: Enforcer
) -> None:
    record = await file(registry, "Mira Quell")
    assert await running.reached(record.revision, 30.0)
    registry.trouble = AuditBroken("Entry 3 of the audit is missing.")
    async with asyncio.timeout(30):
        while running.connected:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert (await running.screen(ASK)).action == "refuse"


async def test_without_registry_the_snapshot_on_disk_is_enforced(
    registry: Flaky, tmp_path: Path
) -> None:
    await leave_snapshot(registry, tmp_path)
    registry.trouble = RegistryUnavailable("Redis does not answer.")
    second = enforcer(registry, tmp_path)
    await second.start()
    assert (await second.screen(ASK)).action == "refuse"
    await second.stop()


async def test_without_registry_and_snapshot_nothing_is_judged(
    registry: Flaky, tmp_path: Path
) -> None:
    registry.trouble = RegistryUnavailable("Redis does not answer.")
    gateway = enforcer(registry, tmp_path)
    await gateway.start()
    with pytest.raises(NotReady, match="Redis does not answer"):
        await gateway.screen(ASK)
    await gateway.stop()


async def test_a_rule_of_an_older_format_is_compiled_anew(
    registry: Flaky, running: Enforcer
) -> None:
    record = await file(registry, "Mira Quell", rule=b"LR0 of long ago")
    assert await running.reached(record.revision, 30.0)
    assert (await running.screen(ASK)).action == "refuse"


async def test_what_was_compiled_anew_is_kept(registry: Flaky, tmp_path: Path) -> None:
    await registry.open()
    await file(registry, "Mira Quell", rule=b"LR0 of long ago")
    for times in (True, False):
        encoder = FakeEncoder("another")
        gateway = enforcer(registry, tmp_path, encoder=encoder)
        await gateway.start()
        assert bool(encoder.calls) is times
        assert len(gateway.rules.rules) == 1
        await gateway.stop()


async def test_a_filing_that_cannot_be_read_is_never_acknowledged(
    registry: Flaky, running: Enforcer
) -> None:
    await running.reached(0, 1.0)
    record = await file(registry, "Mira Quell", rule=b"LR0 of long ago")
    registry._records[record.id] = replace(record, filed=b'{"subject":{"nam_":"Mira Quell"}}')
    assert not await running.reached(record.revision, 0.5)
    assert running.problems()
    assert "Mira" not in running.problems()[0]
    assert [gateway.revision for gateway in await registry.gateways()] == [0]
    with pytest.raises(NotReady):
        await running.screen(ASK)
    lifted = await move(registry, record.id, Status.LIFTED, "key_officer")
    assert await running.reached(lifted.revision, 30.0)
    assert (await running.screen(ASK)).action == "allow"


async def test_a_key_change_reads_no_records(registry: Flaky, running: Enforcer) -> None:
    record = await file(registry, "Mira Quell")
    assert await running.reached(record.revision, 30.0)
    registry.trouble_with_state = RegistryUnavailable("Nobody should ask.")
    key, _ = new_key("ops", frozenset({"operator"}), b"k")
    await registry.put_key(key, "key_operator")
    assert await running.reached(record.revision + 1, 30.0)
    assert running.keys == {key.digest: key}
    await registry.drop_key(key.id, "key_operator")
    assert await running.reached(record.revision + 2, 30.0)
    assert running.keys == {}


async def test_the_snapshot_follows_filings_lifts_and_keys(registry: Flaky, tmp_path: Path) -> None:
    """Written in steps: what was lifted after the first one must not come back from it."""
    gateway = enforcer(registry, tmp_path)
    await gateway.start()
    key, _ = new_key("ops", frozenset({"operator"}), b"k")
    await registry.put_key(key, "key_operator")
    records = [await file(registry, name) for name in ("Mira Quell", "Tom Quell", "Ada Quell")]
    saved = SnapshotFile(tmp_path / "snapshot.bin", CIPHER)

    async def on_disk(revision: int) -> State:
        async with asyncio.timeout(30):
            while (state := saved.load()) is None or state.revision < revision:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        return state

    first = await on_disk(4)
    assert {record.id for record in first.records} == {record.id for record in records}
    await move(registry, records[0].id, Status.LIFTED, "key_officer")
    late = await file(registry, "Lena Quell")
    assert {r.id for r in (await on_disk(6)).records} == {late.id, *(r.id for r in records[1:])}
    await registry.drop_key(key.id, "key_operator")
    await gateway.reached(7, 30.0)
    await gateway.stop()
    last = await on_disk(7)
    assert last.keys == ()
    assert len(last.records) == 3


async def test_what_is_acknowledged_is_on_disk(
    registry: Flaky, running: Enforcer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed right after it and started without Redis, a gateway must enforce it."""
    monkeypatch.setattr(enforcement, "_SAVE_S", 30.0)
    saved = SnapshotFile(tmp_path / "snapshot.bin", CIPHER)
    for number in range(3):  # one right after the other
        record = await file(registry, f"Mira Quell {number}")
        assert await running.reached(record.revision, 30.0)
        state = saved.load()
        assert state is not None
        assert record.id in {kept.id for kept in state.records}


async def test_a_snapshot_that_cannot_be_written_keeps_nobody_waiting(
    registry: Flaky, running: Enforcer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(enforcement, "_SAVE_S", 30.0)
    (tmp_path / "snapshot.bin").unlink(missing_ok=True)
    (tmp_path / "snapshot.bin").mkdir()
    for number in range(2):
        record = await file(registry, f"Mira Quell {number}")
        assert await running.reached(record.revision, 30.0)


async def test_a_snapshot_of_a_wrong_key_is_replaced(registry: Flaky, tmp_path: Path) -> None:
    await leave_snapshot(registry, tmp_path)
    other = Cipher(b"e" * 32)
    gateway = Enforcer(
        registry, Compiler(FakeEncoder(), b""), other, gateway_id="two",
        snapshot=tmp_path / "snapshot.bin", lease_s=5.0, lag_limit_s=30.0,
    )  # fmt: skip
    await gateway.start()
    assert (await gateway.screen(ASK)).action == "refuse"
    await gateway.stop()
    state = SnapshotFile(tmp_path / "snapshot.bin", other).load()
    assert state is not None
    assert [record.id for record in state.records] == ["fr_miraquell"]


async def test_changes_while_rules_are_merged_are_kept(
    registry: Flaky, running: Enforcer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Merging ends with what was enforced at its beginning; filings and lifts went on."""
    begun, go_on = threading.Event(), threading.Event()
    merge = RuleSet.compacted

    def slow(rules: RuleSet) -> Compaction | None:
        found = merge(rules)
        if found is not None:
            begun.set()
            assert go_on.wait(120)  # longer than anybody below waits for it
        return found

    monkeypatch.setattr(RuleSet, "compacted", slow)
    filed: list[Record] = []
    while not begun.is_set():
        filed.append(await file(registry, f"Mira Quell {len(filed)}"))
        assert await running.reached(filed[-1].revision, 30.0)
        await asyncio.sleep(0)
    late = await file(registry, "Tom Quell")
    lifted = await move(registry, filed[0].id, Status.LIFTED, "key_officer")
    assert await running.reached(lifted.revision, 30.0)
    segments = len(running.rules.segments)
    go_on.set()
    async with asyncio.timeout(30):
        while len(running.rules.segments) >= segments:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert set(running.rules.rules) == {late.id, *(record.id for record in filed[1:])}
    assert (await running.screen(Conversation.of("Where was Tom Quell born?"))).action == "refuse"
    assert (
        await running.screen(Conversation.of("Where was Mira Quell 1 born?"))
    ).action == "refuse"


async def test_a_ledger_that_ran_backwards_is_told_and_not_followed(
    registry: Flaky, tmp_path: Path
) -> None:
    await leave_snapshot(registry, tmp_path)
    restored = Flaky()
    second = enforcer(restored, tmp_path)
    await second.start()
    assert "backup was restored" in second.problems()[0]
    assert (await second.screen(ASK)).action == "refuse"
    assert await restored.gateways() == ()
    await second.stop()


async def test_a_verdict_is_made_at_the_revision_of_its_beginning_or_later(
    registry: Flaky, running: Enforcer
) -> None:
    """What was queued behind other work is judged by the rules acknowledged meanwhile."""
    blocked = threading.Event()
    for _ in range(64):
        running._judges.submit(blocked.wait, 120.0)  # longer than anybody below waits
    await file(registry, "Tom Quell")
    assert await running.reached(1, 30.0)
    asked = asyncio.create_task(running.screen(ASK))
    await asyncio.sleep(0)
    record = await file(registry, "Mira Quell")
    assert await running.reached(record.revision, 30.0), "filings waited for chats"
    blocked.set()
    assert (await asked).action == "refuse"


async def test_a_prompt_that_no_judge_began_with_is_told_to_come_back(
    registry: Flaky, running: Enforcer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is no verdict that failed: that would be counted, and refused as if it touched a rule."""
    record = await file(registry, "Mira Quell")
    assert await running.reached(record.revision, 30.0)
    monkeypatch.setattr("gateway.enforcement._SCREEN_S", 0.05)
    blocked = threading.Event()
    for _ in range(64):
        running._judges.submit(blocked.wait, 5.0)
    with pytest.raises(Busy):
        await running.screen(ASK)
    blocked.set()


async def test_a_store_that_is_refused_stops_the_start(registry: Flaky, tmp_path: Path) -> None:
    registry.trouble = SettingsError("This Redis evicts.")
    with pytest.raises(SettingsError):
        await enforcer(registry, tmp_path).start()


async def test_a_snapshot_without_room_is_a_warning_and_stops_nobody(
    registry: Flaky, running: Enforcer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(*_: object) -> bool:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as disk:
        for write in ("append", "replace"):
            disk.setattr(SnapshotFile, write, no_room)
        record = await file(registry, "Mira Quell")
        assert await running.reached(record.revision, 30.0)
        assert (await running.screen(ASK)).action == "refuse"
        await until(lambda: bool(running.warnings))
        assert running.problems() == []
        assert "make room on the disk of LETHE_DATA_DIR" in running.warnings[0]
    await until(lambda: not running.warnings)  # by itself
