"""Thresholds hold their target, and neither a template, nor a kind, nor too few set them alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guards import Thresholds
from guards.meaning.calibration import BOUNDS, Calibration, Scores, calibrate, interpolated
from guards.thresholds import SHIPPED

NONE = -np.inf


def calibrated(asked: Scores, about: Scores, target: float) -> Calibration:
    """Of negatives of which each is like no other."""
    return calibrate({"asked": asked, "about": about}, np.ones(len(asked)), target, SHIPPED)


def nothing(count: int) -> Scores:
    return np.full(count, NONE)


def flagged(asked: Scores, about: Scores, thresholds: Thresholds) -> int:
    return int(((asked >= thresholds.asked) | (about >= thresholds.about)).sum())


scores = st.lists(st.floats(0.6, 0.9), min_size=60, max_size=200).map(np.array)


@given(scores, st.floats(0.02, 0.3))
def test_the_threshold_is_the_conformal_quantile(asked: Scores, target: float) -> None:
    threshold = calibrated(asked, nothing(len(asked)), target).chosen.thresholds.asked
    allowed = int(target * (len(asked) + 1)) - 1  # the new one counts among those above
    over = int((asked >= threshold).sum())
    assert over <= allowed
    lower = threshold - 2e-4
    assert (asked >= lower).sum() > allowed or lower < BOUNDS["asked"][0]


@given(scores, st.integers(0, 2**32 - 1), st.floats(0.03, 0.3))
def test_two_kinds_hold_the_target_together(asked: Scores, seed: int, target: float) -> None:
    about = np.random.default_rng(seed).uniform(0.6, 0.9, len(asked))
    thresholds = calibrated(asked, about, target).chosen.thresholds
    assert flagged(asked, about, thresholds) <= target * (len(asked) + 1)


def test_two_kinds_share_the_target_alike() -> None:
    rng = np.random.default_rng(1)
    asked, about = rng.normal(0.7, 0.03, 4_000), rng.normal(0.8, 0.06, 4_000)
    by_kind = calibrated(asked, about, 0.05).chosen.by_kind
    assert by_kind["asked"] == pytest.approx(by_kind["about"], rel=0.1)


def test_an_over_sampled_template_does_not_set_the_threshold() -> None:
    ordinary = np.random.default_rng(2).normal(0.65, 0.03, 2_000)
    both = np.concatenate([ordinary, np.full(400, 0.88)])
    sizes = np.concatenate([np.ones(2_000), np.full(400, 400.0)])
    none = nothing(len(both))
    alone = calibrated(ordinary, nothing(2_000), 0.01).chosen.thresholds.asked
    found = calibrate({"asked": both, "about": none}, sizes, 0.01, SHIPPED).chosen.thresholds
    counted = calibrated(both, none, 0.01).chosen.thresholds
    assert found.asked == pytest.approx(alone, abs=0.02)
    assert counted.asked > 0.88


def test_too_few_negatives_are_told_and_lower_nothing() -> None:
    found = calibrated(np.linspace(0.3, 0.6, 30), nothing(30), 0.01)
    assert found.chosen.thresholds == SHIPPED
    assert "too few negatives" in found.warnings[0]
    assert min(point.target_fpr for point in found.curve) > 1 / 31


@pytest.mark.parametrize(("score", "bound"), [(0.99, 1), (0.1, 0)])
def test_thresholds_stay_within_bounds_and_say_so(score: float, bound: int) -> None:
    found = calibrated(np.full(500, score), nothing(500), 0.01)
    assert found.chosen.thresholds.asked == BOUNDS["asked"][bound]
    assert "bounded" in found.warnings[0]


def test_a_kind_that_no_negative_has_keeps_what_is_shipped() -> None:
    found = calibrated(nothing(500), np.linspace(0.5, 0.9, 500), 0.01)
    assert found.chosen.thresholds.asked == SHIPPED.asked
    assert found.chosen.thresholds.about == pytest.approx(0.9, abs=0.01)


def test_a_curve_is_read_between_its_points() -> None:
    curve = [(0.1, Thresholds(0.6, 0.5)), (0.001, Thresholds(0.8, 0.9))]
    middle = interpolated(curve, 0.01)
    assert middle.asked == pytest.approx(0.7)
    assert middle.about == pytest.approx(0.7)
    assert interpolated(curve, 0.1) == Thresholds(0.6, 0.5)
    for outside in (0.0001, 0.2):
        with pytest.raises(ValueError, match=r"0\.001 to 0\.1"):
            interpolated(curve, outside)


def test_wrong_arguments_are_told() -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        calibrated(np.ones(3), np.ones(3), 1.0)
    with pytest.raises(ValueError, match="one score"):
        calibrate({"asked": np.ones(3)}, np.ones(2), 0.01, SHIPPED)
