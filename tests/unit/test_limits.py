"""Token buckets: nobody gets more than so many a minute, everybody gets that."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gateway.limits import Buckets
from tests.unit.test_access import Clock

steps = st.lists(st.floats(0, 30), max_size=60)


@given(st.integers(1, 500), steps)
def test_no_more_than_a_full_bucket_and_what_is_filled_again(
    per_minute: int, pauses: list[float]
) -> None:
    clock = Clock()
    buckets = Buckets(lambda: clock.now)
    began, taken = clock.now, 0
    for pause in pauses:
        clock.now += pause
        taken += not buckets.take("a", per_minute)
        assert taken <= per_minute + (clock.now - began) * per_minute / 60 + 1


@given(st.integers(1, 500), steps)
def test_whoever_waits_as_told_is_let_in(per_minute: int, pauses: list[float]) -> None:
    clock = Clock()
    buckets = Buckets(lambda: clock.now)
    for pause in pauses:
        clock.now += pause
        wait_s = buckets.take("a", per_minute)
        if wait_s:
            clock.now += wait_s + 0.001
            assert not buckets.take("a", per_minute)


@given(st.integers(1, 500))
def test_looking_takes_nothing_and_one_has_no_part_in_another(per_minute: int) -> None:
    buckets = Buckets(lambda: 0.0)
    for _ in range(per_minute):
        assert not buckets.wait_s("a", per_minute)
        assert not buckets.take("a", per_minute)
    assert buckets.wait_s("a", per_minute)
    assert not buckets.take("b", per_minute)
