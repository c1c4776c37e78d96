"""However much an engine sends, and in whatever pieces: memory is bounded, and work is linear."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from gateway.openai.scrub.choice import ChoiceScrubber
from gateway.openai.scrub.logprobs import LogprobsQueue, scrub
from gateway.openai.scrub.manner import Manner
from guards.leak.filter import LeakFilter
from guards.leak.watch import Watch
from tests.integration.openai.scripted import forbidding

KIB = 2**10


@pytest.fixture
def watch() -> Watch:
    made: Watch = forbidding({"forbidden": ("Operation Night Heron",)})["watch"](())
    return made


@pytest.fixture
def choice(watch: Watch) -> ChoiceScrubber:
    return ChoiceScrubber(Manner(watch, partial(LeakFilter, watch), lambda said: "."))


def arguments(text: str) -> dict[str, Any]:
    return {"tool_calls": [{"index": 0, "function": {"arguments": text}}]}


def grown(do: Callable[[], None]) -> tuple[int, int]:
    """Bytes that are held after something is done, and at most meanwhile, more than before."""
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        do()
        after, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return after - before, peak - before


@pytest.mark.parametrize("shape", [arguments, lambda text: {"reasoning": text}])
def test_an_endless_argument_takes_no_more_memory(
    choice: ChoiceScrubber, shape: Callable[[str], dict[str, Any]]
) -> None:
    def say(times: int) -> None:
        for _ in range(times):
            choice.piece(shape("a word\\n of it"), None, finish=None)

    choice.piece(shape('{"at": "'), None, finish=None)
    say(1_000)  # so much is kept to tell what a text goes on with
    held, peak = grown(lambda: say(2_000))
    assert held < 512 * KIB
    assert peak < 1024 * KIB


def test_a_piece_of_any_size_takes_a_few_times_its_own_memory(choice: ChoiceScrubber) -> None:
    piece = arguments('{"at": "' + "x" * 2**20)
    _, peak = grown(lambda: choice.piece(piece, None, finish=None) and None)
    assert peak < 16 * 2**20


def test_alternatives_of_a_long_answer_are_looked_at_in_linear_time(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = 0
    feed = LeakFilter.feed

    def counted(self: LeakFilter, text: str) -> str:
        nonlocal looked
        looked += len(text)
        return feed(self, text)

    monkeypatch.setattr(LeakFilter, "feed", counted)
    tops = [{"token": name} for name in (" word", " other")]
    scrub({"content": [{"token": " word", "top_logprobs": tops}] * 500}, LeakFilter(watch))
    assert looked < 500 * 50


def test_probabilities_that_were_held_come_together() -> None:
    queue = LogprobsQueue()
    assert queue.give() is None
    for token in ("a", "b", "c"):
        queue.take({"content": [{"token": token}], "refusal": None})
    assert queue.give() == {"content": [{"token": t} for t in "abc"], "refusal": []}
