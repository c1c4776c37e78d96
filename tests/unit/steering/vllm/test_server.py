"""What the API server keeps: pushes reach the workers, and a look at the engine never waits."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import orjson
import pytest
import torch

from steering import ARGUMENT, EngineRule, Intervention, SteeringVector
from steering.bans import Compiled, Vocabulary
from steering.held import Held
from steering.vllm import client, rpc, runner, state
from steering.vllm.client import Client, Model
from steering.vllm.compiling import Compiling
from steering.vllm.server import Server
from steering.vllm.steering import Steering
from tests.unit.steering.vllm.test_steering import CPU, WIDTH

MODEL = Model("m", "f" * 32, WIDTH, 4, (1, 2))
MANY, PART = 3_000, 1_000


class Worker:
    """A worker in this process, which steers one request after another."""

    def __init__(self) -> None:
        self.steering = Steering(MODEL.steered_layers, WIDTH, 2, 64, CPU)
        self.model_runner = SimpleNamespace(**{runner.ATTRIBUTE: self.steering})
        self.model_config = SimpleNamespace(
            logprobs_mode="processed_logprobs", get_vocab_size=lambda: 100
        )

    async def collective_rpc(self, method: str, args: tuple[Any, ...] = ()) -> list[Any]:
        return [getattr(rpc, method)(self, *args)]

    def answers(self, text: str) -> bool:
        """Whether a request under an intervention may say anything."""
        params = SimpleNamespace(extra_args={ARGUMENT: text})
        requests = {"r": SimpleNamespace(sampling_params=params, num_prompt_tokens=1)}
        batch = SimpleNamespace(num_computed_tokens_cpu=np.zeros(1, np.int32))
        running = SimpleNamespace(requests=requests, input_batch=batch)
        self.steering.step(running, ["r"], ["r"], np.ones(1, np.int32))
        return not state.failed(text)


@pytest.fixture(autouse=True)
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[Held]:
    held = Held()
    monkeypatch.setattr(state, "HELD", held)
    monkeypatch.setattr(state, "COMPILING", Compiling())
    yield held
    state._failed.clear()


@pytest.fixture
def worker() -> Worker:
    return Worker()


@pytest.fixture
def server(worker: Worker) -> Server:
    return Server(Client(cast(Any, worker)), MODEL)


def rule(number: int) -> EngineRule:
    direction = np.eye(WIDTH, dtype=np.float32)[0]
    vector = SteeringVector("r", 1, MODEL.fingerprint, 1, direction, 1.0 + number, 1.0)
    return EngineRule(f"fr_{number}", 1, (vector,))


async def push(server: Server, rules: list[EngineRule], revision: int, **how: Any) -> None:
    put = [each.as_json() for each in rules]
    body = {"epoch": "e", "revision": revision, "put": put, "drop": [], **how}
    await server.push(orjson.dumps(body))


async def test_who_was_let_in_before_a_push_of_everything_is_answered_in_it(
    server: Server, worker: Worker, held: Held
) -> None:
    rules = [rule(number) for number in range(MANY)]
    acting = Intervention(((rules[0].vectors[0].fingerprint, 1.0),))
    for token in ("first", "again"):
        await push(server, [], 0, push=token, reset=True)
        assert (await server.status())["revision"] == 0
        for start in range(0, MANY, PART):
            if token == "again":
                held.check(acting)
                assert worker.answers(acting.as_text())
            await push(server, rules[start : start + PART], 0, push=token)
        await push(server, [], 7, push=token)
    assert worker.answers(acting.as_text())
    assert len(held.rules) == MANY
    assert (await server.status())["revision"] == 7


async def test_what_was_not_pushed_again_is_gone_at_the_end(server: Server, held: Held) -> None:
    await push(server, [rule(1), rule(2)], 3, push="one", reset=True)
    await push(server, [rule(2)], 0, push="two", reset=True)
    assert len(held.rules) == 2
    await push(server, [], 4, push="two")
    assert list(held.rules) == ["fr_2"]


async def test_a_self_test_that_failed_is_tried_again(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcomes = ["failed", "failed", "failed", "passed"]
    waited = []

    async def run() -> None:
        server._test.outcome = cast(Any, outcomes.pop(0))

    async def sleep(seconds: float) -> None:
        waited.append(seconds)
        assert (await server.status())["self_test"] == "failed"

    monkeypatch.setattr(server._test, "run", run)
    monkeypatch.setattr(asyncio, "sleep", sleep)
    server.begin_self_test()
    assert server._task is not None
    await server._task
    assert waited == [5.0, 15.0, 60.0]
    assert (await server.status())["self_test"] == "passed"


async def test_the_status_tells_the_counters_of_the_workers(server: Server, worker: Worker) -> None:
    await push(server, [rule(0)], 1, push="one", reset=True)
    assert worker.answers(Intervention(((rule(0).vectors[0].fingerprint, 1.0),)).as_text())
    counters = (await server.status())["counters"]
    assert (counters["steps"], counters["steered_tokens"], counters["fired"]) == (1, 1, 0)
    worker.steering.sites[1].apply(torch.ones(1, WIDTH), None)
    assert (await server.status())["counters"]["fired"] == 1


async def test_bans_are_compiled_once_they_are_pushed(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "_TURN_S", 0.0)  # one in each turn
    compiled = state.COMPILING.into = Compiled(Vocabulary([b"a", b" lake"]))
    made = []

    def put(name: str, strings: tuple[str, ...]) -> Any:
        made.append(strings)
        return Compiled.put(compiled, name, strings)

    monkeypatch.setattr(compiled, "put", put)
    rules = [EngineRule(f"fr_{number}", 1, bans=(f"lake {number}",)) for number in range(3)]
    for token in ("one", "again"):
        await push(server, [*rules, EngineRule("none", 1)], 1, push=token, reset=True)
    assert made == [rule.bans for rule in rules]
    assert all(str(rule.bans_fingerprint) in compiled for rule in rules)
    assert compiled.get(str(rules[0].bans_fingerprint)) is not None
    Compiling().expect(rules)  # the API server has no tokenizer to compile for


async def test_bans_that_were_dropped_meanwhile_are_passed_over() -> None:
    compiling, held, kept = Compiling(), Held(), EngineRule("kept", 1, bans=("lake",))
    compiling.into = Compiled(Vocabulary([b"a"]))
    held.put([kept])
    compiling.expect([EngineRule("gone", 1, bans=("sea",)), kept])
    assert compiling.go_on(held, 0.0) == 1
    assert compiling.go_on(held, 0.0) == 0
    assert str(kept.bans_fingerprint) in compiling.into
