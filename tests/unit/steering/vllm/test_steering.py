"""A worker's bookkeeping: which token of a step belongs to which slot, whatever comes and goes."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from steering import ARGUMENT, EngineRule, Intervention, SteeringVector
from steering.held import Held
from steering.vllm import captures, state
from steering.vllm.steering import Steering

WIDTH, LAYERS, REQUESTS = 4, (1, 2), 3
CPU = torch.device("cpu")


def vector(axis: int, layer: int = 1, scale: float = 2.0) -> SteeringVector:
    direction = np.eye(WIDTH, dtype=np.float32)[axis]
    return SteeringVector("r", 1, "m", layer, direction, scale, 1.0)


VECTORS = (vector(0), vector(1), vector(0, layer=2))


@pytest.fixture(autouse=True)
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[Held]:
    """The process holds three vectors, and nothing failed in it."""
    held = Held()
    held.put([EngineRule("r", 1, VECTORS)])
    monkeypatch.setattr(state, "HELD", held)
    yield held
    state._failed.clear()


class Engine:
    """A runner's batch: requests by name, with what each was sent with."""

    def __init__(self, requests: int = REQUESTS) -> None:
        self.steering = Steering(LAYERS, WIDTH, requests, 64, CPU)
        self.requests: dict[str, Any] = {}
        self.input_batch = SimpleNamespace(num_computed_tokens_cpu=np.zeros(8, np.int32))

    def add(
        self, name: str, text: str | None = None, *, tokens: int = 4, nonce: str | None = None
    ) -> None:
        named = {ARGUMENT: text, captures.ARGUMENT: nonce}
        arguments = {key: value for key, value in named.items() if value is not None}
        self.requests[name] = SimpleNamespace(
            sampling_params=SimpleNamespace(extra_args=arguments or None), num_prompt_tokens=tokens
        )

    def step(
        self, *batch: tuple[str, int], gone: tuple[str, ...] = (), at: int = 0
    ) -> torch.Tensor:
        """A forward of all ones behind layer 1; what comes out, shape (tokens, H)."""
        names = [name for name, _ in batch]
        counts = np.array([count for _, count in batch], np.int32)
        self.input_batch.num_computed_tokens_cpu[:] = at
        self.steering.step(self, gone, names, counts)
        hidden = torch.ones(int(counts.sum()), WIDTH)
        self.steering.sites[1].apply(hidden, None)
        return hidden

    def pull(self, text: str, layer: int = 1) -> list[float]:
        slot = self.steering.slots._slot[text]
        pull: list[float] = self.steering.sites[layer].pulls[slot].tolist()
        return pull


def text(*named: tuple[SteeringVector, float]) -> str:
    return Intervention(tuple((each.fingerprint, weight) for each, weight in named)).as_text()


ONE, OTHER = text((VECTORS[0], 1.0)), text((VECTORS[1], 1.0))


def steered(hidden: torch.Tensor) -> list[bool]:
    return [bool((row != 1).any()) for row in hidden]


def test_a_mixed_batch_is_steered_where_it_should_be() -> None:
    engine = Engine()
    engine.add("a")
    engine.add("b", ONE)
    engine.add("c", OTHER)
    hidden = engine.step(("a", 2), ("b", 1), ("c", 3))
    assert steered(hidden) == [False, False, True, True, True, True]
    assert not torch.equal(hidden[2], hidden[3])
    assert torch.equal(hidden[3], hidden[4])
    assert engine.steering.counters.steered_tokens == 4
    assert steered(engine.step(("c", 1), ("a", 1), gone=("b",))) == [True, False]
    assert steered(engine.step(("a", 1), gone=("c",))) == [False]
    assert engine.steering.slots.used == 0


def test_several_vectors_act_by_their_weighted_mean_at_the_mean_of_their_lengths() -> None:
    engine = Engine()
    mixed = text((VECTORS[0], 1.0), (VECTORS[1], 3.0), (VECTORS[2], 0.5))
    engine.add("a", mixed)
    engine.step(("a", 1))
    # Lengths 2 and 2, along (1, 3): orthogonal pulls would lose a third of theirs in a plain mean.
    assert engine.pull(mixed) == pytest.approx([2 / 10**0.5, 6 / 10**0.5, 0.0, 0.0])
    assert engine.pull(mixed, layer=2) == [2.0, 0.0, 0.0, 0.0]


def test_more_requests_than_slots_come_and_go_without_loss() -> None:
    engine = Engine()
    texts = [text((VECTORS[0], 1.0), (VECTORS[1], weight)) for weight in range(1, 20)]
    for i, each in enumerate(texts):
        engine.add(str(i), each)
    for i in range(len(texts) - REQUESTS):
        names = [(str(j), 1) for j in range(i, i + REQUESTS)]
        assert steered(engine.step(*names)) == [True] * REQUESTS
        assert engine.steering.slots.used == REQUESTS
    assert not any(map(state.failed, texts))


def test_a_preempted_request_comes_back_steered() -> None:
    engine = Engine(requests=1)
    engine.add("a", ONE)
    engine.add("b", OTHER)
    first = engine.step(("a", 1))
    assert not torch.equal(engine.step(("b", 1)), first)
    assert torch.equal(engine.step(("a", 1)), first)


def test_a_request_of_the_same_id_is_another_request() -> None:
    engine = Engine()
    engine.add("a", ONE)
    first = engine.step(("a", 1))
    engine.add("a", OTHER)
    assert not torch.equal(engine.step(("a", 1), gone=("a",)), first)
    engine.add("a")
    assert steered(engine.step(("a", 1), gone=("a",))) == [False]


def test_what_is_dropped_still_acts_on_requests_that_were_let_in(held: Held) -> None:
    engine = Engine()
    engine.add("a", ONE)
    held.change((), (), reset=True, last=True)
    assert steered(engine.step(("a", 1))) == [True]


@pytest.mark.parametrize(
    "wrong",
    [
        "no JSON",
        text((vector(2), 1.0)),
        text((VECTORS[0], 1.0), (vector(2), 1.0)),
        '{"vectors":[["x",1]],"bans":[]}',
    ],
)
def test_what_cannot_be_steered_is_failed_and_counted(wrong: str) -> None:
    engine = Engine()
    engine.add("a", wrong)
    engine.add("b", ONE)
    before = state.failures()
    assert steered(engine.step(("a", 1), ("b", 1))) == [False, True]
    assert state.failed(wrong)
    assert not state.failed(ONE)
    assert state.failures() == before + 1


def test_a_vector_that_fits_no_layer_of_the_engine_is_failed(held: Held) -> None:
    elsewhere = vector(0, layer=3)
    held.put([EngineRule("s", 1, (elsewhere,))])
    engine = Engine()
    engine.add("a", text((elsewhere, 1.0)))
    engine.step(("a", 1))
    assert state.failed(text((elsewhere, 1.0)))


def test_more_interventions_than_slots_are_failed_not_passed() -> None:
    engine = Engine(requests=1)
    engine.add("a", ONE)
    engine.add("b", OTHER)
    assert steered(engine.step(("a", 1), ("b", 1))) == [True, False]
    assert state.failed(OTHER)


def test_a_step_that_breaks_fails_all_that_should_be_steered_and_raises_nothing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    engine = Engine()
    engine.add("a", ONE)
    engine.add("b")

    said = "about somebody"

    def broken(*_: Any) -> None:
        raise RuntimeError(said)

    with monkeypatch.context() as patch:
        patch.setattr(Steering, "_rows", broken)
        engine.steering.step(engine, (), ["a", "b"], np.array([1, 1], np.int32))
    assert state.failed(ONE)
    assert said not in caplog.text
    assert steered(engine.step(("a", 1), ("b", 1))) == [True, False]


class TestCaptures:
    """Means of texts that the API server announced."""

    def test_chunks_add_up_and_what_is_said_does_not_count(self) -> None:
        engine = Engine()
        engine.steering.captures.announce(["n"])
        engine.add("a", tokens=5, nonce="n")
        engine.add("b", ONE)
        engine.step(("a", 3), ("b", 2))
        engine.step(("b", 1), ("a", 2), at=3)
        engine.step(("a", 1), ("b", 1), at=5)
        ((tokens, sums),) = engine.steering.captures.fetch(["n"])
        assert tokens == 5
        assert sums[1].tolist() == [4.0] * WIDTH  # without the first

    def test_what_is_computed_again_counts_once(self) -> None:
        engine = Engine()
        engine.steering.captures.announce(["n"])
        engine.add("a", tokens=5, nonce="n")
        engine.add("b")
        engine.step(("a", 3))
        engine.step(("b", 1))  # preempted
        engine.step(("a", 4))
        engine.step(("a", 1), at=4)
        engine.step(("b", 1), gone=("a",))
        ((tokens, sums),) = engine.steering.captures.fetch(["n"])
        assert (tokens, sums[1].tolist()) == (5, [4.0] * WIDTH)

    def test_one_that_was_set_aside_between_chunks_goes_on(self) -> None:
        engine = Engine()
        engine.steering.captures.announce(["n"])
        engine.add("a", tokens=5, nonce="n")
        engine.add("b")
        engine.step(("a", 3))
        engine.step(("b", 1))
        engine.step(("a", 2), at=3)
        ((tokens, sums),) = engine.steering.captures.fetch(["n"])
        assert (tokens, sums[1].tolist()) == (5, [4.0] * WIDTH)

    @pytest.mark.parametrize("chunks", [(1, 2), (2, 1), (3,)])
    def test_the_first_of_several_tokens_is_left_out(self, chunks: tuple[int, ...]) -> None:
        engine = Engine()
        engine.steering.captures.announce(["n"])
        engine.add("a", tokens=3, nonce="n")
        for number, count in enumerate(chunks):
            engine.step(("a", count), at=sum(chunks[:number]))
        ((tokens, sums),) = engine.steering.captures.fetch(["n"])
        assert (tokens, sums[1].tolist()) == (3, [2.0] * WIDTH)

    def test_a_single_token_is_its_own_mean(self) -> None:
        engine = Engine()
        engine.steering.captures.announce(["n"])
        engine.add("a", tokens=1, nonce="n")
        engine.step(("a", 1))
        ((tokens, sums),) = engine.steering.captures.fetch(["n"])
        assert (tokens, sums[1].tolist()) == (1, [1.0] * WIDTH)

    def test_nobody_else_can_capture_and_nothing_is_kept(self) -> None:
        engine = Engine()
        engine.add("a", nonce="guessed")
        engine.step(("a", 4))
        assert engine.steering.captures.fetch(["guessed"]) == [(0, {})]
        engine.steering.captures.announce(["n"])
        engine.add("b", nonce="n")
        engine.step(("b", 4), gone=("a",))
        assert engine.steering.captures.fetch(["n"])[0][0] == 4
        assert engine.steering.captures.fetch(["n"]) == [(0, {})]

    def test_rows_are_free_again(self) -> None:
        engine = Engine()
        for i in range(3 * captures.MOST_AT_ONCE):
            engine.steering.captures.announce([str(i)])
            engine.add("a", nonce=str(i))
            engine.step(("a", 4), gone=("a",))
            assert engine.steering.captures.fetch([str(i)])[0][0] == 4
