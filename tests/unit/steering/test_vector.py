"""Vectors travel whole, and one that could not act is refused with its reason."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from steering import BadVector, SteeringVector


def vector(**changed: Any) -> SteeringVector:
    direction = np.zeros(8, np.float32)
    direction[3] = 1
    fields: dict[str, Any] = {
        "rule": "fr_1",
        "version": 1,
        "model": "m",
        "layer": 1,
        "direction": direction,
        "scale": 2.0,
        "alpha": 1.5,
    }
    return SteeringVector(**(fields | changed))


def test_what_is_subtracted_has_strength_and_scale_in_it() -> None:
    assert vector().pull.tolist() == [0, 0, 0, 3, 0, 0, 0, 0]
    assert vector().width == 8


def test_it_comes_back_as_it_was_sent() -> None:
    sent = vector(centroid=np.ones(4, np.float32) / 2)
    back = SteeringVector.from_json(json.loads(json.dumps(sent.as_json())))
    assert back.fingerprint == sent.fingerprint
    assert np.array_equal(back.direction, sent.direction)
    assert sent.centroid is not None
    assert back.centroid is not None
    assert np.array_equal(back.centroid, sent.centroid)
    assert SteeringVector.from_json(vector().as_json()).centroid is None


@pytest.mark.parametrize("name", ["model", "layer", "scale", "alpha"])
def test_what_acts_otherwise_has_another_fingerprint(name: str) -> None:
    other = {"model": "n", "layer": 2, "scale": 2.5, "alpha": 1.0}[name]
    assert vector(**{name: other}).fingerprint != vector().fingerprint


def test_whose_vector_it_is_does_not_change_how_it_acts() -> None:
    assert replace(vector(), rule="fr_2", version=7).fingerprint == vector().fingerprint


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"direction": np.full(8, np.nan, np.float32)}, "length 1"),
        ({"direction": np.ones(8, np.float32)}, "length 1"),
        ({"direction": np.ones((1, 8), np.float32)}, "one axis"),
        ({"direction": np.ones(0, np.float32)}, "one axis"),
        ({"layer": -1}, "layer -1"),
        ({"scale": float("inf")}, "scale"),
        ({"alpha": -1.0}, "alpha"),
        ({"alpha": float("nan")}, "alpha"),
    ],
)
def test_one_that_could_not_act(changed: dict[str, Any], why: str) -> None:
    with pytest.raises(BadVector, match=why):
        vector(**changed)


@pytest.mark.parametrize(
    "changed",
    [
        {"direction": "no base64!"},
        {"direction": "AAAA"},
        {"direction": None},
        {"layer": True},
        {"layer": "1"},
        {"scale": "2"},
        {"rule": 1},
        {"model": None},
        {"centroid": "*"},
    ],
)
def test_one_that_cannot_be_read(changed: dict[str, Any]) -> None:
    with pytest.raises(BadVector):
        SteeringVector.from_json(vector().as_json() | changed)
    with pytest.raises(BadVector):
        SteeringVector.from_json([])
