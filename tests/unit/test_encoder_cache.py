from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from gateway import encoder_cache
from gateway.encoder_cache import CachedEncoder
from guards.meaning.adapter import RAW
from tests.unit.guards.conftest import DIMENSION, fake_encode


class Counting:
    """An encoder that notes what it was asked, and can be held or made to fail."""

    adapter = RAW

    fingerprint, dimension = "fake", DIMENSION

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.go = threading.Event()
        self.go.set()

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.asked += texts
        self.go.wait(10)
        if "broken" in texts:
            raise ValueError("it broke")
        return fake_encode(texts)


@given(
    st.lists(st.lists(st.sampled_from("abcdefgh") | st.text(max_size=2), max_size=6), max_size=8)
)
def test_it_gives_what_the_encoder_gives(calls: list[list[str]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(encoder_cache, "_KEPT", 3)
        patch.setattr(encoder_cache, "_TOGETHER", 2)
        cached = CachedEncoder(Counting())
        for texts in calls:
            assert np.array_equal(cached.encode(texts), fake_encode(texts))
        assert len(cached._kept) <= 3
        assert not cached._pending


def test_a_text_is_embedded_once() -> None:
    counting = Counting()
    cached = CachedEncoder(counting)
    cached.encode(["a", "b", "a"])[:] = 0  # what a caller does to its copy
    assert np.array_equal(cached.encode(["b", "a"]), fake_encode(["b", "a"]))
    assert counting.asked == ["a", "b"]


def test_what_was_used_longest_ago_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoder_cache, "_KEPT", 2)
    counting = Counting()
    cached = CachedEncoder(counting)
    for text in ("a", "b", "a", "c", "a", "b"):
        cached.encode([text])
    assert counting.asked == ["a", "b", "c", "b"]


def test_threads_that_ask_at_once_wait_for_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoder_cache, "_TOGETHER", 1)
    counting = Counting()
    cached = CachedEncoder(counting)
    asked = [["a", "b", "c"], ["c", "b", "a"], ["b", "d"], ["d", "a"]] * 3
    counting.go.clear()
    with ThreadPoolExecutor(len(asked)) as pool:
        answers = [pool.submit(cached.encode, texts) for texts in asked]
        counting.go.set()
        for texts, answer in zip(asked, answers, strict=True):
            assert np.array_equal(answer.result(10), fake_encode(texts))
    assert sorted(counting.asked) == ["a", "b", "c", "d"]


def test_an_error_reaches_all_who_wait_and_is_not_kept() -> None:
    counting = Counting()
    cached = CachedEncoder(counting)
    counting.go.clear()
    with ThreadPoolExecutor(3) as pool:
        answers = [pool.submit(cached.encode, ["broken"]) for _ in range(3)]
        counting.go.set()
        for answer in answers:
            with pytest.raises(ValueError, match="it broke"):
                answer.result(10)
    with pytest.raises(ValueError, match="it broke"):
        cached.encode(["fine", "broken"])
    assert np.array_equal(cached.encode(["fine"]), fake_encode(["fine"]))


def test_no_text_is_kept() -> None:
    cached = CachedEncoder(Counting())
    cached.encode(["Mira Quell"])
    assert "Mira Quell" not in repr(vars(cached))
