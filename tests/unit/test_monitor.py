"""The monitor of rules that stop ordinary use."""

from __future__ import annotations

import logging
import random

import pytest

from gateway.monitor import SUSPECT, USUAL, FalseStops


def traffic(monitor: FalseStops, share: float, prompts: int, seed: int = 0) -> None:
    dice = random.Random(seed)
    for _ in range(prompts):
        monitor.judged(["fr_1"] if dice.random() < share else [])


def test_a_rule_that_acts_on_much_of_the_traffic_is_suspected(
    caplog: pytest.LogCaptureFixture,
) -> None:
    monitor = FalseStops()
    with caplog.at_level(logging.WARNING):
        traffic(monitor, 0.1, 1_000)
    assert monitor.suspected == ["fr_1"]
    assert monitor.suspects("fr_1")
    (record,) = caplog.records  # told once, not for every prompt
    assert "fr_1" in record.getMessage()


def test_one_that_acts_on_a_little_more_than_is_too_much_is_found_in_time() -> None:
    monitor = FalseStops()
    traffic(monitor, 1.5 * SUSPECT, 5_000)
    assert monitor.suspected == ["fr_1"]


@pytest.mark.parametrize("seed", range(3))
def test_a_rule_that_acts_as_often_as_one_may_is_not(seed: int) -> None:
    monitor = FalseStops()
    traffic(monitor, USUAL, 30_000, seed)
    assert monitor.suspected == []


def test_a_few_prompts_prove_nothing() -> None:
    monitor = FalseStops()
    for _ in range(9):
        monitor.judged(["fr_1"])
    assert monitor.suspected == []
    monitor.judged(["fr_1"])
    assert monitor.suspected == ["fr_1"]


def test_suspicion_ends_when_the_rule_no_longer_acts() -> None:
    monitor = FalseStops()
    for _ in range(1_000):
        monitor.judged(["fr_1"])
    for _ in range(3_000):
        monitor.judged([])
    assert monitor.suspected == []
    assert not monitor.suspects("fr_1")


def test_replies_that_were_stopped_count() -> None:
    monitor = FalseStops()
    for _ in range(100):
        monitor.judged([])
        monitor.stopped("fr_1")
    assert monitor.suspected == ["fr_1"]


def test_memory_is_bounded_and_who_acts_is_kept() -> None:
    monitor = FalseStops()
    for number in range(20_000):
        monitor.judged(["fr_1", f"fr_x{number}"] if number % 5 == 0 else [f"fr_x{number}"])
    assert len(monitor._watched) < 5_000
    assert monitor.suspected == ["fr_1"]
