"""Rotation: norms stay, untouched rows stay to the bit, and the angle is the one on paper."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from steering.rotation import rotate

TYPES = [torch.float32, torch.bfloat16]


def activations(rows: int = 7, width: int = 64, seed: int = 0) -> torch.Tensor:
    return torch.randn(rows, width, generator=torch.Generator().manual_seed(seed)) * 9


@pytest.mark.parametrize("kind", TYPES)
def test_norms_are_kept(kind: torch.dtype) -> None:
    hidden = activations().to(kind)
    turned = rotate(hidden, activations(seed=1))
    assert turned.dtype is kind
    exact = 1e-5 if kind is torch.float32 else 1e-2
    ratio = turned.float().norm(dim=-1) / hidden.float().norm(dim=-1)
    torch.testing.assert_close(ratio, torch.ones(7), atol=exact, rtol=0)


@pytest.mark.parametrize("kind", TYPES)
def test_rows_without_a_pull_come_back_to_the_bit(kind: torch.dtype) -> None:
    hidden, pull = activations().to(kind), activations(seed=1)
    pull[::2] = 0
    turned = rotate(hidden, pull)
    assert torch.equal(turned[::2], hidden[::2])
    assert not torch.equal(turned[1::2], hidden[1::2])


def test_the_angle_is_the_one_computed_by_hand() -> None:
    # h = (3, 0), v = (3, -3): h - v = (0, 3), a quarter turn, length kept.
    turned = rotate(torch.tensor([[3.0, 0.0]]), torch.tensor([[3.0, -3.0]]))
    torch.testing.assert_close(turned, torch.tensor([[0.0, 3.0]]))
    # v = h/2 along h: no turn at all, and the length comes back.
    torch.testing.assert_close(
        rotate(torch.tensor([[3.0, 4.0]]), torch.tensor([[1.5, 2.0]])), torch.tensor([[3.0, 4.0]])
    )
    # Of unit vectors at a right angle, h - v turns by 45 degrees.
    turned = rotate(torch.tensor([[1.0, 0.0]]), torch.tensor([[0.0, 1.0]]))
    half = math.sqrt(0.5)
    torch.testing.assert_close(turned, torch.tensor([[half, -half]]))


def test_it_stays_in_the_plane_of_both() -> None:
    hidden, pull = activations(1), activations(1, seed=1)
    turned = rotate(hidden, pull)
    plane = torch.stack([hidden[0], pull[0]], dim=1)
    solved = torch.linalg.lstsq(plane, turned[0]).solution
    torch.testing.assert_close(plane @ solved, turned[0], atol=1e-4, rtol=1e-4)


def test_a_pull_that_is_the_activation_leaves_nothing_to_keep_and_no_nan() -> None:
    hidden = activations(2)
    assert torch.isfinite(rotate(hidden, hidden)).all()


def test_one_pull_for_all_rows() -> None:
    hidden, pull = activations(), activations(1, seed=2)[0]
    torch.testing.assert_close(rotate(hidden, pull), rotate(hidden, pull.expand(7, -1)))


@given(st.floats(0, 2), st.integers(0, 1000))
def test_more_strength_turns_further_away(alpha: float, seed: int) -> None:
    hidden = activations(1, seed=seed)
    pull = activations(1, seed=seed + 1)
    pull = pull / pull.norm() * hidden.norm()
    less, more = rotate(hidden, alpha * pull), rotate(hidden, (alpha + 0.5) * pull)
    assert (more @ pull.T).item() <= (less @ pull.T).item() + 1e-2
