"""A blind request as a gateway holds it: enforced from its stored rule, or not served without."""

from __future__ import annotations

from collections.abc import Sized
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.admin.views import request_view
from gateway.compiling import Compiler
from gateway.errors import NotReady, RegistryUnavailable
from gateway.holdings import Holdings, compiled
from gateway.layers import Layers
from gateway.registry.filing import Filing
from gateway.registry.memory import MemoryRegistry
from gateway.registry.models import Draft, Record
from gateway.registry.moving import move
from gateway.registry.status import Status
from guards import Conversation, RuleError, dump_rule, screen
from guards.leak.filter import leak_in
from guards.leak.watch import Watch
from tests.unit.test_enforcement import ASK, FakeEncoder, enforcer

FILING = Filing.model_validate(
    {
        "subject": {"name": "Mira Quell"},
        "scope": {
            "questions": [{"question": "Who is her sister?", "answer": "Ada Quell"}],
            "facts": [{"statement": "She was born in Port Hale.", "values": ["Port Hale"]}],
            "forbidden": ["Night Heron"],
        },
        "retain": ["Who is Tom Quell?"],
        "blind": True,
    }
)
KEY = b"k" * 32
NOW = datetime.now(UTC)


def drafted(compiler: Compiler, filing: Filing = FILING) -> Draft:
    return Draft("fr_b", filing, dump_rule(compiler.compile("fr_b", 1, filing)), NOW, NOW)


def record_of(compiler: Compiler) -> Record:
    return drafted(compiler).recorded(1)


def compiler(fingerprint: str = "fake", key: bytes = KEY) -> Compiler:
    return Compiler(FakeEncoder(fingerprint), key)


def test_it_is_enforced_from_its_stored_rule_without_encoding() -> None:
    record = record_of(compiler())
    again = compiler()
    _, rule = compiled(record, again)
    assert again.encoder.calls == 0  # type: ignore[attr-defined]
    assert rule.blind is not None
    assert len(rule.about) > 0


def test_with_another_encoder_its_phrases_still_act() -> None:
    other = compiler("another")
    record, rule = compiled(record_of(compiler()), other)
    parts: tuple[Sized, ...] = (rule.asked, rule.about, rule.retain, rule.told, rule.clues)
    assert not any(len(part) for part in parts)
    held = Holdings().with_changes([record], None, 1, other)
    assert screen(ASK, held.rules, other.encoder.encode).action == "refuse"
    away = Conversation.of("What is the capital of Peru?")
    assert screen(away, held.rules, other.encoder.encode).action == "allow"
    watch = Watch.of(lambda: held.rules, KEY, ["fr_b"])
    for told in ("It is Night Heron.", "She was born in Port Hale.", "Ada Quell is her sister."):
        assert leak_in(told, watch) is not None
    assert held.records["fr_b"].rule == record_of(compiler()).rule  # for the day it is back


def test_others_are_compiled_anew_beside_it() -> None:
    filing = Filing.model_validate({"subject": {"name": "Tom Brandt"}})
    old = Draft("fr_o", filing, dump_rule(compiler().compile("fr_o", 1, filing)), NOW, NOW)
    records = [record_of(compiler()), old.recorded(2)]
    other = compiler("another")
    held = Holdings().with_changes(records, None, 2, other)
    assert {rule.encoder for rule in held.rules.rules.values()} == {
        compiler().fingerprint, other.fingerprint,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "key", "told"),
    [(None, b"x" * 32, "another data key"), (b"LR3garbage", KEY, "cannot be read")],
)
def test_what_would_enforce_nothing_is_an_error_that_says_the_way_out(
    rule: bytes | None, key: bytes, told: str
) -> None:
    record = record_of(compiler())
    if rule is not None:
        record = replace(record, rule=rule)
    with pytest.raises(RuleError, match=told) as error:
        compiled(record, compiler(key=key))
    assert "fr_b" in str(error.value)
    assert "file it again" in str(error.value)
    assert "Quell" not in str(error.value)


async def test_the_snapshot_alone_keeps_it_enforced(tmp_path: Path) -> None:
    registry = MemoryRegistry()
    first = enforcer(registry, tmp_path)
    await first.start()
    record, _ = await registry.file(drafted(first.compiler))
    assert await first.reached(record.revision, 30.0)
    await first.stop()
    assert b"Quell" not in (tmp_path / "snapshot.bin").read_bytes()
    cut_off = enforcer(_Unreachable(), tmp_path)
    await cut_off.start()
    assert (await cut_off.screen(ASK)).action == "refuse"
    await cut_off.stop()


async def test_a_rule_of_another_key_is_never_served_without(tmp_path: Path) -> None:
    registry = MemoryRegistry()
    await registry.open()
    record, _ = await registry.file(drafted(compiler(key=b"x" * 32)))
    running = enforcer(registry, tmp_path)
    await running.start()
    try:
        assert "another data key" in running.problems()[0]
        with pytest.raises(NotReady):
            await running.screen(ASK)
        await move(registry, record.id, Status.LIFTED, "officer")
        assert await running.reached(record.revision + 1, 30.0)
        assert (await running.screen(ASK)).action == "allow"
    finally:
        await running.stop()


def test_the_view_says_what_was_withheld_and_what_acts() -> None:
    record = record_of(compiler())
    layers = Layers((), "e", ("screen", "rotate", "ban", "filter"), None)  # type: ignore[arg-type]
    for fingerprint, state in (("fake", "active"), ("another", "inactive")):
        view = request_view(record, (), layers, 0, compiler(fingerprint), now=NOW)
        assert view["enforcement"]["embeddings"] == state
        assert view["blind"] is True
        assert not any(view["subject"].values())
        assert view["scope"]["whole_subject"] is True
        assert view["withheld"]["names"] == 1
        assert "Quell" not in str(view)
    ordinary = Filing.model_validate({"subject": {"name": "Tom Brandt"}})
    kept = drafted(compiler(), ordinary).recorded(2)
    view = request_view(kept, (), layers, 0, compiler(), now=NOW)
    assert "withheld" not in view
    assert "embeddings" not in view["enforcement"]


class _Unreachable(MemoryRegistry):
    async def open(self) -> str:
        raise RegistryUnavailable("Redis does not answer.", code="registry_unavailable")
