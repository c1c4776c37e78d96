"""Which ordinary answer a refusal is like, and how its events follow one another."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.openai.timing import UNKNOWN, Sample, Streamed, Whole

SECONDS = st.floats(0, 5)
BLOCKS = st.tuples(SECONDS, st.integers(1, 4))
STREAMED = st.builds(
    Streamed,
    st.integers(0, 10_000),
    SECONDS,
    BLOCKS,
    st.lists(BLOCKS, max_size=5).map(tuple),
    BLOCKS,
)


def key(number: int) -> bytes:
    return random.Random(number).randbytes(32)


@given(STREAMED, st.integers(1, 60))
def test_every_event_has_its_time(like: Streamed, events: int) -> None:
    blocks = like.blocks(events)
    assert sum(count for _, count in blocks) == events
    assert all(count > 0 for _, count in blocks)
    assert blocks[0][0] == like.first[0]


def test_a_refusal_begins_and_ends_as_the_answer_did() -> None:
    like = Streamed(10, 0.0, (0.5, 2), ((0.1, 1),), (0.3, 2))
    assert like.blocks(6) == [(0.5, 2), (0.1, 1), (0.1, 1), (0.3, 2)]
    assert like.blocks(3) == [(0.5, 2), (0.3, 1)]
    assert like.blocks(1) == [(0.5, 1)]


def test_a_model_that_answered_nobody_has_ordinary_times() -> None:
    sample = Sample()
    assert sample.stream(10, key(1)) == UNKNOWN
    assert 0.1 < sample.seconds(10, key(1), 8) < 5


def test_refusals_are_spread_as_answers_are() -> None:
    sample, rng = Sample(), random.Random(1)
    for _ in range(200):
        first = rng.lognormvariate(-2, 0.5)
        sample.streamed.append(Streamed(50, 0.0, (first, 2), ((first / 10, 1),), (0.0, 1)))
    ordinary = sorted(one.first[0] for one in sample.streamed)
    firsts = sorted(sample.stream(50, key(n)).first[0] for n in range(400))
    # Of those most like it in size one is drawn: all of the range is reached.
    assert firsts[0] < ordinary[60]
    assert firsts[-1] > ordinary[140]


def test_what_is_asked_again_is_drawn_near_the_same_answer() -> None:
    sample = Sample()
    for number in range(40):
        sample.streamed.append(Streamed(50, 0.0, (float(number), 2), ((0.1, 1),), (0.0, 1)))
    again = {sample.stream(50, key(7)).first[0] for _ in range(100)}
    assert 1 < len(again) <= 7
    assert max(again) - min(again) <= 6


def test_long_prompts_are_like_long_prompts() -> None:
    sample = Sample()
    for _ in range(100):
        sample.streamed.append(Streamed(100, 0.0, (0.1, 2), ((0.01, 1),), (0.0, 1)))
        sample.streamed.append(Streamed(100_000, 0.0, (9.0, 2), ((0.01, 1),), (0.0, 1)))
    assert {sample.stream(90_000, key(n)).first[0] for n in range(50)} == {9.0}
    assert {sample.stream(150, key(n)).first[0] for n in range(50)} == {0.1}


@pytest.mark.parametrize("tokens", [1, 8, 50])
def test_an_answer_in_one_piece_takes_as_long_as_one_of_its_length(tokens: int) -> None:
    sample = Sample()
    for length in range(1, 200):
        sample.whole.append(Whole(50, length, 0.5 + length / 100))
    found = [sample.seconds(50, key(n), tokens) for n in range(50)]
    assert found == pytest.approx([0.5 + tokens / 100] * 50)


def test_one_kind_lends_its_times_to_the_other() -> None:
    whole, streamed = Sample(), Sample()
    whole.whole.append(Whole(50, 10, 2.0))
    assert whole.stream(50, key(1)).blocks(5) == [(0.2, 2), (0.2, 1), (0.2, 1), (0.0, 1)]
    streamed.streamed.append(Streamed(50, 0.0, (1.0, 2), ((0.1, 1),), (0.0, 1)))
    assert streamed.seconds(50, key(1), 10) == pytest.approx(2.0)


def test_a_sample_is_bounded() -> None:
    sample = Sample()
    for _ in range(10_000):
        sample.whole.append(Whole(1, 1, 1.0))
        sample.streamed.append(UNKNOWN)
    assert len(sample.whole) == len(sample.streamed) < 1_000
