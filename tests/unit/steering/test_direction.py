"""Directions point from what is retained to what is to be forgotten."""

from __future__ import annotations

import numpy as np
import pytest

from steering import BadVector
from steering.direction import clusters, directions
from steering.gate import weights
from steering.vector import Floats

GEN = np.random.default_rng(0)


def unit(rows: Floats) -> Floats:
    return np.asarray(rows / np.linalg.norm(rows, axis=-1, keepdims=True), np.float32)


def around(centre: Floats, count: int, spread: float = 0.1) -> Floats:
    noise = GEN.normal(size=(count, centre.size)) * spread / np.sqrt(centre.size)
    return np.asarray(centre + noise, np.float32)


AXES = np.eye(16, dtype=np.float32)


def test_it_is_orthogonal_to_what_is_retained_and_of_unit_norm() -> None:
    forget, retain = around(3 * AXES[0] + 4 * AXES[1], 6), around(5 * AXES[1], 9)
    (found,) = directions(forget, unit(around(AXES[2], 6)), retain, "orthogonal")
    assert np.linalg.norm(found.direction) == pytest.approx(1, abs=1e-6)
    assert abs(found.direction @ retain.mean(0)) < 1e-4
    assert found.direction[0] > 0.99
    assert found.scale == pytest.approx(5, rel=0.02)


def test_the_difference_of_means() -> None:
    forget, retain = around(3 * AXES[0] + AXES[1], 5, 0.0), around(AXES[1] - AXES[2], 5, 0.0)
    (found,) = directions(forget, unit(around(AXES[2], 5)), retain)
    assert found.direction == pytest.approx(unit(3 * AXES[0] + AXES[2]), abs=1e-6)


def test_texts_about_two_things_have_two_directions_with_their_centroids() -> None:
    forget = np.concatenate([around(AXES[0], 8), around(AXES[1], 8)])
    embeddings = unit(np.concatenate([around(AXES[4], 8), around(AXES[5], 8)]))
    found = directions(forget, embeddings, around(AXES[3], 5))
    assert len(found) == 2
    for each in found:
        first = bool(each.direction[0] > 0.5)
        assert each.centroid[4 if first else 5] > 0.9


def test_texts_about_one_thing_are_one_cluster() -> None:
    assert set(clusters(unit(around(AXES[0], 20, 0.3)))) == {0}


@pytest.mark.parametrize(("spread", "parts"), [(0.8, 4), (1.3, 1)])
def test_topics_that_share_a_person_are_told_apart_only_where_they_are_clear(
    spread: float, parts: int
) -> None:
    noise = np.random.default_rng(1).normal(size=(20, 16)) * spread / 4
    topics = np.repeat(3 * AXES[0] + AXES[1:5], 5, axis=0)
    assert len(set(clusters(unit((topics + noise).astype(np.float32))))) == parts
    assert set(clusters(unit(AXES[:1]))) == {0}
    assert set(clusters(unit(np.repeat(AXES[:1], 5, axis=0)))) == {0}


def test_activations_that_leave_no_direction() -> None:
    same = np.ones((3, 16), np.float32)
    with pytest.raises(BadVector, match="do not differ"):
        directions(same, unit(same), same)
    with pytest.raises(BadVector, match="finite"):
        directions(same * np.inf, unit(same), same)
    with pytest.raises(BadVector, match="one of each"):
        directions(same, unit(same), same[:0])


def test_the_vectors_near_a_prompt_act_and_all_where_none_is() -> None:
    centroids = [AXES[0], AXES[1], None]
    assert weights(centroids, AXES[:1], 0.55) == [1.0, 0.0, 1.0]
    assert weights(centroids[:2], AXES[5:6], 0.55) == [1.0, 1.0]
    assert weights(centroids[:2], AXES[:2], 0.55) == [1.0, 1.0]
