"""Engines are replicas: brought to the revision, trusted only there, captured through once."""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from gateway.compiling import Compiler
from gateway.enforcement import Enforcer
from gateway.engines import Engine, Engines, Interventions, keeper
from gateway.engines.link import NoAnswer
from gateway.engines.rules import variants_of, vectors_of
from gateway.engines.steering import Steering
from gateway.engines.texts import ENOUGH, asked_about
from gateway.layers import Layers
from gateway.registry.filing import Filing
from gateway.registry.memory import MemoryRegistry
from gateway.registry.models import Draft, Record
from gateway.registry.moving import move
from gateway.registry.status import Status
from gateway.settings import LAYERS
from gateway.upstream import UpstreamPool
from guards import dump_rule
from tests.integration.engines.fake import FakeEngine
from tests.integration.openai.conftest import eventually, serving
from tests.unit.test_enforcement import FakeEncoder, enforcer

RETAINED = ("What is the capital of France?", "How do I bake bread?")
NAMED = {"subject": {"name": "Mira Quell"}, "scope": {"forbidden": ["Night Heron"]}}


@dataclass
class Gateway:
    """One gateway's part that looks after engines."""

    enforcer: Enforcer
    engines: Engines
    registry: MemoryRegistry
    steering: Steering

    @property
    def engine(self) -> Engine:
        return self.engines.all[0]

    async def file(self, body: dict[str, Any], name: str = "fr_1") -> Record:
        filing = Filing.model_validate(body)
        rule = dump_rule(Compiler(FakeEncoder(), b"").compile(name, 1, filing))
        now = datetime.now(UTC)
        record, _ = await self.registry.file(Draft(name, filing, rule, now, now))
        assert await self.enforcer.reached(record.revision, 60.0)
        return record

    def interventions(self, *layers: str, penalty: float | None = None) -> Interventions:
        return Interventions(
            self.engines.all,
            self.enforcer,
            FakeEncoder(),
            self.steering,
            layers=layers,
            gate=0.55,
            penalty=penalty,
        )

    def held(self, engine: Engine | None = None) -> bool:
        """Whether an engine holds everything that this gateway enforces."""
        held = self.enforcer.holdings
        return (engine or self.engine).holds(held.epoch, held.rules.revision)

    def steered(self, name: str = "fr_1", model: str = "weights") -> bool:
        record = self.enforcer.holdings.records.get(name)
        return record is not None and any(key.startswith(model) for key in variants_of(record))

    def states(self, name: str = "fr_1") -> dict[str, str]:
        epoch = self.enforcer.holdings.epoch
        layers = Layers(self.engines.all, epoch, LAYERS, self.steering)
        return dict(layers.states_of(self.enforcer.holdings.records[name], ()))


Start = Callable[..., Awaitable[Gateway]]


@pytest.fixture
async def start(tmp_path: Path) -> AsyncIterator[Start]:
    async with AsyncExitStack() as stack:
        urls: dict[FakeEngine, str] = {}

        async def start_one(
            fakes: Sequence[FakeEngine],
            registry: MemoryRegistry | None = None,
            name: str = "one",
            *,
            rotates: bool = True,
            **steering: Any,
        ) -> Gateway:
            registry = registry or MemoryRegistry()
            for fake in fakes:
                if fake not in urls:
                    urls[fake] = await stack.enter_async_context(serving(fake.app))
            (tmp_path / name).mkdir()
            follower = enforcer(registry, tmp_path / name, gateway_id=name)
            await follower.start()
            stack.push_async_callback(follower.stop)
            pool = UpstreamPool([urls[fake] for fake in fakes], check_s=1.0)
            await stack.enter_async_context(pool)
            retained, alpha = steering.pop("retained", RETAINED), steering.pop("alpha", 1.0)
            made = Steering(FakeEncoder(), retained, alpha, **steering)
            engines = Engines(
                pool.endpoints, follower, api_key=None, steering=made if rotates else None
            )
            await stack.enter_async_context(engines)
            return Gateway(follower, engines, registry, made)

        yield start_one


class TestKeeping:
    async def test_an_engine_follows_filings_and_lifts(self, start: Start) -> None:
        fake = FakeEngine()
        gateway = await start([fake], rotates=False)
        record = await gateway.file(NAMED)
        await eventually(gateway.held)
        assert fake.held.rules["fr_1"].bans == ("Night Heron", "Mira Quell")
        await move(gateway.registry, record.id, Status.LIFTED, "key_officer")
        await eventually(lambda: not fake.held.rules)
        assert fake.stand.revision == 2

    async def test_one_that_was_started_anew_is_trusted_only_when_it_holds_all_again(
        self, start: Start
    ) -> None:
        fake = FakeEngine()
        gateway = await start([fake], rotates=False)
        for number in range(3):
            await gateway.file(NAMED, f"fr_{number}")
        await eventually(gateway.held)
        fake.restart()
        await eventually(lambda: fake.stand.revision == 3)
        assert len(fake.held.rules) == 3
        await eventually(gateway.held)

    async def test_what_was_filed_before_it_came_is_given_to_it(self, start: Start) -> None:
        fake = FakeEngine()
        fake.plugged = False
        gateway = await start([fake], rotates=False)
        await gateway.file(NAMED)
        await eventually(lambda: gateway.engine.missing is not None)
        assert "VLLM_PLUGINS=lethe" in (gateway.engine.missing or "")
        assert not gateway.engine.steerable
        fake.plugged = True
        await eventually(gateway.held)
        assert gateway.engine.missing is None

    async def test_two_gateways_bring_it_there_together(self, start: Start) -> None:
        fake, registry = FakeEngine(), MemoryRegistry()
        one = await start([fake], registry, "one", rotates=False)
        two = await start([fake], registry, "two", rotates=False)
        for number in range(20):
            await (one, two)[number % 2].file(NAMED, f"fr_{number}")
        await eventually(lambda: one.held() and two.held())
        assert len(fake.held.rules) == 20

    async def test_one_that_is_far_behind_gets_what_changed_in_parts(self, start: Start) -> None:
        fake = FakeEngine()
        gateway = await start([fake], rotates=False)
        await gateway.file(NAMED, "fr_first")
        await eventually(gateway.held)
        fake.plugged = False
        await eventually(lambda: gateway.engine.status is None)
        for number in range(1_005):
            await gateway.file(NAMED, f"fr_{number}")
        fake.plugged = True
        await eventually(gateway.held)
        assert len(fake.held.rules) == 1_006

    async def test_a_push_that_outlasts_its_claim_is_not_begun_again(
        self, start: Start, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(keeper, "_PUSH_S", 0.5)
        monkeypatch.setattr(keeper, "_BATCH", 1)
        fake, registry = FakeEngine(), MemoryRegistry()
        fake.plugged, fake.delay_s = False, 0.1
        one = await start([fake], registry, "one", rotates=False)
        two = await start([fake], registry, "two", rotates=False)
        for number in range(12):
            await one.file(NAMED, f"fr_{number}")
        fake.plugged = True
        await eventually(lambda: one.held() and two.held())
        assert fake.resets == 1

    async def test_one_busy_moment_is_no_loss_and_two_are(
        self, start: Start, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        fake = FakeEngine()
        gateway = await start([fake], rotates=False)
        await gateway.file(NAMED)
        await eventually(gateway.held)
        looks = 0

        async def status() -> None:
            nonlocal looks
            looks += 1
            raise NoAnswer("it does not answer")

        monkeypatch.setattr(gateway.engine.link, "status", status)
        await eventually(lambda: looks == 1)
        assert gateway.held()
        await eventually(lambda: gateway.engine.status is None)
        assert looks == 2

    async def test_another_ledger_replaces_what_it_held(self, start: Start) -> None:
        fake = FakeEngine()
        first = await start([fake], name="first", rotates=False)
        await first.file(NAMED)
        await eventually(first.held)
        second = await start([fake], name="second", rotates=False)
        await second.file(NAMED, "fr_2")
        await eventually(lambda: list(fake.held.rules) == ["fr_2"])

    async def test_one_that_failed_its_self_test_is_never_able(self, start: Start) -> None:
        fake = FakeEngine()
        fake.self_test = "failed"
        gateway = await start([fake], rotates=False)
        await gateway.file(NAMED)
        await eventually(lambda: fake.stand.revision == 1)
        assert not gateway.held()
        assert await gateway.interventions("ban").for_("m", ["fr_1"], "") is None


class TestCapturing:
    async def test_a_filing_gets_a_vector_and_the_engine_with_it(self, start: Start) -> None:
        fake = FakeEngine()
        gateway = await start([fake], alpha=1.5)
        await gateway.file(NAMED)
        await eventually(
            lambda: bool(fake.held.rules["fr_1"].vectors) if fake.held.rules else False
        )
        vector = fake.held.rules["fr_1"].vectors[0]
        assert (vector.rule, vector.model, vector.layer, vector.alpha) == (
            "fr_1",
            "weights",
            1,
            1.5,
        )
        assert fake.captured[0] == list(RETAINED)
        assert fake.captured[1] == asked_about("Mira Quell")

    async def test_what_was_filed_is_what_is_captured(self, start: Start) -> None:
        fake = FakeEngine()
        gateway = await start([fake])
        questions = [{"question": f"Where was she in {n}?", "answer": f"In {n}."} for n in range(9)]
        await gateway.file(
            {
                "subject": {"name": "Mira Quell"},
                "scope": {"questions": questions},
                "retain": [{"question": "Where is Tom Quell?", "answer": "At home."}],
            }
        )
        await eventually(gateway.steered)
        assert fake.captured[1] == [
            *(f"Where was she in {n}?\nIn {n}." for n in range(9)),
            "Where is Tom Quell?\nAt home.",
        ]

    async def test_retain_examples_stand_alone_where_there_are_enough(self, start: Start) -> None:
        found = []
        for number, retained in enumerate((RETAINED, ("What is a tide?", "Who builds boats?"))):
            fake = FakeEngine()
            made = await start([fake], name=f"gateway-{number}", retained=retained)
            for name, count in (("fr_few", ENOUGH - 1), ("fr_enough", ENOUGH)):
                retain = [{"question": f"Who is number {n}?"} for n in range(count)]
                await made.file({"subject": {"name": f"Mira {name}"}, "retain": retain}, name)
                await eventually(functools.partial(made.steered, name))
            records = made.enforcer.holdings.records
            found.append(
                [vectors_of(records[n])["weights:1:1"][0] for n in ("fr_few", "fr_enough")]
            )
        (few, enough), (other_few, other_enough) = found
        assert few.fingerprint != other_few.fingerprint
        assert enough.fingerprint == other_enough.fingerprint

    async def test_with_the_models_own_answers(self, start: Start) -> None:
        fake = FakeEngine()
        gateway = await start([fake], answers=True)
        await gateway.file(NAMED)
        await eventually(gateway.steered)
        assert fake.captured[1] == [f"{q}\nplain {q}" for q in asked_about("Mira Quell")]

    async def test_one_of_two_gateways_makes_it(self, start: Start) -> None:
        fake, registry = FakeEngine(), MemoryRegistry()
        one = await start([fake], registry, "one")
        two = await start([fake], registry, "two")
        await one.file(NAMED)
        await eventually(lambda: one.steered() and two.steered())
        assert fake.captured.count(asked_about("Mira Quell")) == 1

    async def test_each_model_has_vectors_of_its_own(self, start: Start) -> None:
        fakes = [FakeEngine("weights"), FakeEngine("other")]
        gateway = await start(fakes)
        await gateway.file(NAMED)
        await eventually(lambda: gateway.steered() and gateway.steered(model="other"))
        await eventually(lambda: all(fake.held.rules["fr_1"].vectors for fake in fakes))
        models = [fake.held.rules["fr_1"].vectors[0].model for fake in fakes]
        assert models == ["weights", "other"]

    async def test_gateways_of_other_strengths_leave_each_other_alone(self, start: Start) -> None:
        fake, registry = FakeEngine(), MemoryRegistry()
        one = await start([fake], registry, "one")
        await one.file(NAMED)
        await eventually(one.steered)
        two = await start([fake], registry, "two", alpha=0.5)
        await eventually(lambda: {v.alpha for v in fake.held.rules["fr_1"].vectors} == {1.0, 0.5})
        await eventually(lambda: one.enforcer.rules.revision == 3 and one.held() and two.held())
        strengths = []
        for gateway in (one, two):
            chosen = await gateway.interventions("rotate").for_("m", ["fr_1"], "")
            assert chosen is not None
            names = {name for name, _ in chosen.intervention.vectors}
            held = fake.held.rules["fr_1"].vectors
            strengths.append({v.alpha for v in held if v.fingerprint in names})
        assert strengths == [{1.0}, {0.5}]
        assert one.enforcer.rules.revision == 3

    async def test_an_engine_that_is_steered_elsewhere_gets_other_vectors(
        self, start: Start
    ) -> None:
        fake = FakeEngine()
        gateway = await start([fake])
        await gateway.file(NAMED)
        await eventually(lambda: gateway.states()["rotate"] == "active")
        fake.layers = (2,)
        fake.restart()
        await eventually(lambda: {v.layer for v in fake.vectors} == {2})
        await eventually(lambda: gateway.held() and gateway.states()["rotate"] == "active")
        chosen = await gateway.interventions("rotate", "ban").for_("m", ["fr_1"], "")
        assert chosen is not None

    async def test_engines_that_are_steered_at_different_layers(self, start: Start) -> None:
        fakes = [FakeEngine(), FakeEngine()]
        fakes[1].layers = (2,)
        gateway = await start(fakes)
        await gateway.file(NAMED)
        await eventually(lambda: gateway.states()["rotate"] == "active")
        assert gateway.enforcer.rules.revision == 3

    async def test_strings_alone_have_no_vector(self, start: Start) -> None:
        fake = FakeEngine()
        gateway = await start([fake])
        await gateway.file({"scope": {"forbidden": ["Operation Night Heron"]}})
        await eventually(gateway.held)
        assert gateway.states()["rotate"] == "inactive"
        assert gateway.states()["ban"] == "active"


class TestIntervening:
    async def test_names_what_the_engine_holds(self, start: Start) -> None:
        fake = FakeEngine()
        gateway = await start([fake])
        await gateway.file(NAMED)
        await eventually(lambda: gateway.steered() and gateway.held())
        chosen = await gateway.interventions("rotate", "ban", penalty=5.0).for_("m", ["fr_1"], "")
        assert chosen is not None
        assert chosen.endpoint is gateway.engine.endpoint
        fake.held.check(chosen.intervention)
        assert chosen.intervention.penalty == 5.0
        for layer, parts in (("rotate", (True, False)), ("ban", (False, True))):
            alone = await gateway.interventions(layer).for_("m", ["fr_1"], "")
            assert alone is not None
            assert (bool(alone.intervention.vectors), bool(alone.intervention.bans)) == parts

    async def test_none_without_all_that_is_needed(self, start: Start) -> None:
        fake = FakeEngine()
        gateway = await start([fake], rotates=False)
        await gateway.file(NAMED)
        await eventually(gateway.held)
        both = gateway.interventions("rotate", "ban")
        assert await both.for_("m", ["fr_1"], "") is None  # no vector yet
        bans = gateway.interventions("ban")
        assert await bans.for_("m", ["fr_1"], "") is not None
        assert await bans.for_("m", ["fr_1", "fr_unknown"], "") is None
        assert await bans.for_("another model", ["fr_1"], "") is None
        assert await gateway.interventions().for_("m", ["fr_1"], "") is None
        gateway.engine.endpoint.healthy = False
        assert await bans.for_("m", ["fr_1"], "") is None

    async def test_an_engine_that_is_behind_gets_nothing(self, start: Start) -> None:
        behind, there = FakeEngine(), FakeEngine()
        behind.plugged = False
        gateway = await start([behind, there], rotates=False)
        await gateway.file(NAMED)
        await eventually(lambda: gateway.held(gateway.engines.all[1]))
        chosen = await gateway.interventions("ban").for_("m", ["fr_1"], "")
        assert chosen is not None
        assert chosen.endpoint is gateway.engines.all[1].endpoint

    async def test_a_rule_that_nothing_can_act_on(self, start: Start) -> None:
        fake = FakeEngine()
        gateway = await start([fake], rotates=False)
        await gateway.file({"scope": {"questions": ["Where was she born?"]}})
        await eventually(gateway.held)
        assert await gateway.interventions("ban").for_("m", ["fr_1"], "") is None


async def test_the_states_of_layers(start: Start) -> None:
    fake = FakeEngine()
    fake.plugged = False
    gateway = await start([fake])
    await gateway.file(NAMED)
    assert gateway.states() == {
        "screen": "pending", "rotate": "unavailable", "ban": "unavailable", "filter": "pending"
    }  # fmt: skip
    fake.plugged = True
    await eventually(lambda: gateway.states()["rotate"] == "active")
    assert gateway.states()["ban"] == "active"
