"""Pushes: what may change an engine's rules, and what is refused at the door."""

from __future__ import annotations

import contextlib
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steering import BadBans, BadCall, BadVector, Behind, EngineRule, SteeringError, SteeringVector
from steering.vllm.pushes import MOST_DROPPED, MOST_RULES, Push, Stand, fit

MODEL, WIDTH, LAYERS = "m" * 32, 4, (1, 2)


def vector(**other: Any) -> SteeringVector:
    fields: dict[str, Any] = {
        "rule": "r",
        "version": 1,
        "model": MODEL,
        "layer": 1,
        "direction": np.array([1, 0, 0, 0], np.float32),
        "scale": 2.0,
        "alpha": 1.0,
    }
    return SteeringVector(**{**fields, **other})


def body(**other: Any) -> dict[str, Any]:
    return {"epoch": "e", "revision": 1, "put": [], "drop": [], "base": 0, **other}


def begun(**other: Any) -> dict[str, Any]:
    return body(base=None, reset=True, push="p", **other)


def test_a_push_is_read_as_it_was_written() -> None:
    rule = EngineRule("r", 1, (vector(),), ("a secret",))
    push = Push.from_json(body(put=[rule.as_json()], drop=["x"]))
    assert push.drop == ("x",)
    assert push.put[0].vectors[0].fingerprint == rule.vectors[0].fingerprint
    assert push.put[0].bans_fingerprint == rule.bans_fingerprint
    fit(push.put, MODEL, WIDTH, LAYERS)


@pytest.mark.parametrize(
    "wrong",
    [
        [],
        body(put={}),
        body(put=[{}] * (MOST_RULES + 1)),
        body(drop=[""] * (MOST_DROPPED + 1)),
        body(drop=[1]),
        body(base=None),
        body(push="p"),
        body(base=-1),
        body(base=True),
        body(base=None, reset=True),
        body(base=None, reset="yes", push="p"),
        body(base=None, push=1),
        body(epoch=""),
        body(epoch=None),
        body(revision=-1),
        body(revision=True),
        body(revision="1"),
        body(base=5, revision=4),
        body(last=1),
        body(last=False),
    ],
)
def test_a_push_that_cannot_be_meant_is_refused(wrong: Any) -> None:
    with pytest.raises(BadCall):
        Push.from_json(wrong)


@pytest.mark.parametrize(
    "wrong",
    [
        {"model": "other"},
        {"layer": 3},
        {"direction": np.array([1, 0, 0], np.float32)},
        {"scale": 1e30, "alpha": 1e30},
    ],
)
def test_vectors_that_cannot_act_here_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(BadVector, match=r"put\[0\]: "):
        fit((EngineRule("r", 1, (vector(**wrong),)),), MODEL, WIDTH, LAYERS)


def test_a_vector_that_is_not_a_number_is_refused_as_it_is_read() -> None:
    rule = EngineRule("r", 1, (vector(),)).as_json()
    rule["vectors"][0]["scale"] = math.nan
    with pytest.raises(BadVector):
        Push.from_json(body(put=[rule]))
    with pytest.raises(BadBans):
        Push.from_json(body(put=[{"id": "r", "version": 1, "bans": [" "]}]))


def test_the_last_part_is_told_by_its_revision_or_by_name() -> None:
    part = {"base": None, "push": "p"}
    assert not Push.from_json(body(**part, revision=0)).last
    assert Push.from_json(body(**part, revision=7)).last
    assert Push.from_json(body(**part, revision=0, last=True)).last  # a registry without a change
    assert Push.from_json(body()).last


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["epoch", "revision", "put", "drop", "base", "reset", "push"]),
                inner,
            )
        ),
    )
)
def test_whatever_is_sent_is_read_or_refused(sent: Any) -> None:
    with contextlib.suppress(SteeringError):
        Push.from_json(sent)


class TestStand:
    """A stand after its start, then what is pushed."""

    def test_a_fresh_engine_takes_only_a_push_of_everything(self) -> None:
        stand = Stand()
        with pytest.raises(Behind):
            stand.admit(Push.from_json(body()))
        with pytest.raises(Behind):
            stand.admit(Push.from_json(body(base=None, push="p")))
        self._push(stand, begun(revision=3))
        assert (stand.epoch, stand.revision) == ("e", 3)

    def test_a_delta_follows_on_its_base_alone(self) -> None:
        stand = Stand()
        self._push(stand, begun(revision=3))
        self._push(stand, body(base=3, revision=5))
        for behind in (body(base=3, revision=6), body(base=5, revision=6, epoch="f")):
            with pytest.raises(Behind):
                stand.admit(Push.from_json(behind))
        assert stand.revision == 5

    def test_a_push_in_parts_is_whole_at_its_last(self) -> None:
        stand = Stand()
        self._push(stand, begun(revision=0))
        with pytest.raises(Behind):
            stand.admit(Push.from_json(body(base=7, revision=8)))
        self._push(stand, body(base=None, push="p", revision=0))
        assert stand.revision == 0
        self._push(stand, body(base=None, push="p", revision=7))
        assert stand.revision == 7

    def test_of_two_pushes_of_everything_the_later_goes_on(self) -> None:
        stand = Stand()
        self._push(stand, begun(revision=0))
        self._push(stand, {**begun(revision=0), "push": "q"})
        with pytest.raises(Behind):
            stand.admit(Push.from_json(body(base=None, push="p", revision=7)))
        self._push(stand, body(base=None, push="q", revision=7))

    def test_a_reset_that_broke_off_stands_at_nothing(self) -> None:
        stand = Stand()
        self._push(stand, begun(revision=3))
        push = Push.from_json({**begun(revision=9), "push": "q"})
        stand.admit(push)
        stand.begin(push)  # and the workers fail
        assert stand.revision == 0
        with pytest.raises(Behind):
            stand.admit(Push.from_json(body(base=3, revision=4)))

    @staticmethod
    def _push(stand: Stand, sent: dict[str, Any]) -> None:
        push = Push.from_json(sent)
        stand.admit(push)
        stand.begin(push)
        stand.end(push)
