"""The self-test: passes on an engine that steers, and tells what is wrong with others."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from steering import ARGUMENT
from steering.held import Held
from steering.vllm import captures, state
from steering.vllm.capturing import Capturing
from steering.vllm.client import Client, Model
from steering.vllm.self_test import SelfTest

MODEL = Model("m", "f" * 32, 8, 4, (1, 2))


class Engine:
    """Tells log probabilities that depend on the steering, and does one thing wrong."""

    vocabulary = 100
    longest = 511

    def __init__(self, fault: str = "") -> None:
        self.fault = fault
        self.fired = 0
        self.steered_before = False
        self.running = 0
        self.acting = 0
        self.rules_held: list[str] = []

    async def rules(
        self, put: list[dict[str, Any]], drop: list[str], *, reset: bool, last: bool
    ) -> None:
        assert (reset, last) == (False, False)  # it may run between two parts of a push
        self.rules_held += [rule["id"] for rule in put]
        self.rules_held = [name for name in self.rules_held if name not in drop]

    async def counters(self, *, exact: bool) -> dict[str, int]:
        assert exact
        return {"fired": self.fired}

    async def announce(self, nonces: list[str]) -> None:
        assert len(nonces) == 1

    async def fetch(self, nonces: list[str]) -> list[dict[str, Any]]:
        if self.fault == "dead":
            raise ConnectionError("about somebody")
        sums = base64.b64encode(np.ones(8, "<f4").tobytes()).decode()
        return [{"tokens": 24, "sums": {"1": sums, "2": sums}}]

    async def generate(self, tokens: list[int], **sampling: Any) -> Any:
        arguments = sampling.get("extra_args") or {}
        acts = ARGUMENT in arguments and self.fault != "deaf"
        self.running, self.acting = self.running + 1, self.acting + acts
        await asyncio.sleep(0)
        value = -1.0 - (3.0 if acts else 0.0)
        if self.running > 1:
            value += 1e-4 if self.fault != "mixing" else 1.0
            if self.fault == "leaking" and self.acting and not acts:
                value -= 3.0
            if self.fault == "alone" and acts:
                value = -1.0
        if self.fault == "sticky" and self.steered_before and not acts:
            value -= 1.0
        if self.fault == "busy" and self.steered_before:
            value -= 1e-5
        await asyncio.sleep(0)
        self.running, self.acting = self.running - 1, self.acting - acts
        if acts:
            self.steered_before = True
            self.fired += 2 * (len(tokens) + sampling["max_tokens"] - 1)
            self.fired -= self.fault == "half"
        at = SimpleNamespace(logprob=value)
        count = sampling["max_tokens"]
        answer = SimpleNamespace(token_ids=[5] * count, logprobs=[{5: at}] * count)
        asked = [None, *({token: at} for token in tokens[1:])]
        if captures.ARGUMENT in arguments:
            return None
        return SimpleNamespace(outputs=[answer], prompt_logprobs=asked)


@pytest.fixture(autouse=True)
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[Held]:
    held = Held()
    monkeypatch.setattr(state, "HELD", held)
    yield held
    assert not held.rules


async def outcome(fault: str) -> tuple[str, str | None]:
    engine = Engine(fault)
    client = cast(Client, engine)
    test = SelfTest(client, Capturing(client), MODEL)
    assert test.outcome == "pending"
    await test.run()
    assert not engine.rules_held
    return test.outcome, test.detail


async def test_an_engine_that_steers_passes() -> None:
    assert await outcome("") == ("passed", None)


async def test_an_engine_passes_while_others_ask_it_too() -> None:
    assert await outcome("busy") == ("passed", None)


async def test_one_that_failed_may_pass_later() -> None:
    engine = Engine("mixing")
    client = cast(Client, engine)
    test = SelfTest(client, Capturing(client), MODEL)
    await test.run()
    assert test.outcome == "failed"
    engine.fault = ""
    await test.run()
    assert (test.outcome, test.detail) == ("passed", None)


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("deaf", "at 0 of 54 tokens"),
        ("half", "at 53 of 54 tokens"),
        ("sticky", "after a steered one"),
        ("mixing", "even without steering"),
        ("leaking", "beside a steered one"),
        ("alone", "was not steered"),
        ("dead", "ConnectionError"),
    ],
)
async def test_what_is_wrong_is_told(fault: str, said: str) -> None:
    result, detail = await outcome(fault)
    assert result == "failed"
    assert said in str(detail)
    assert "somebody" not in str(detail)
