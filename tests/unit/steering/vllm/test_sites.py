"""What a site does to the residual stream, for both of its forms and every number format."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from steering.vllm.dense import DenseSite, Tokens
from steering.vllm.sites import Rows, Site, Span, SparseSite

WIDTH, SLOTS, CAPTURES, MOST = 8, 3, 2, 32
CPU = torch.device("cpu")
TYPES = [torch.float32, torch.bfloat16, torch.float16]


def announced(form: str, rows: Rows, spans: list[Span]) -> Site:
    """A site of a form, with pulls in slots 1 and 2, none in 3, before a step."""
    site: Site
    if form == "sparse":
        site = sparse = SparseSite(WIDTH, SLOTS, CAPTURES, CPU)
    else:
        tokens = Tokens(MOST, CAPTURES, CPU)
        site = DenseSite(WIDTH, SLOTS, CAPTURES, CPU, tokens)
    for slot in (1, 2):
        site.fill(slot, np.eye(WIDTH, dtype=np.float32)[slot] * slot)
    site.fill(3, None)
    if form == "sparse":
        sparse.begin(rows, spans)
    else:
        tokens.set(rows, spans)
    return site


def by_hand(stream: torch.Tensor, slot: int) -> torch.Tensor:
    moved = stream.double()
    moved[slot] -= slot
    longer: torch.Tensor = stream.double().norm() / moved.norm()
    return moved * longer


@pytest.mark.parametrize("form", ["sparse", "dense"])
@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("split", [True, False])
@settings(max_examples=40)  # kernels are interpreted, slowly
@given(rows=st.lists(st.integers(0, SLOTS), min_size=1, max_size=12), seed=st.integers(0, 99))
def test_steered_rows_are_rotated_and_others_keep_their_bits(
    form: str, dtype: torch.dtype, split: bool, rows: list[int], seed: int
) -> None:
    torch.manual_seed(seed)
    hidden = torch.randn(len(rows) + 2, WIDTH).to(dtype)  # two rows of padding
    residual = torch.randn(len(rows) + 2, WIDTH).to(dtype) if split else None
    was = hidden.clone(), None if residual is None else residual.clone()
    stream = hidden.float().clone() if residual is None else hidden.float() + residual.float()
    site = announced(form, np.array(rows, np.int32), [])
    site.apply(hidden, residual)
    for i, slot in enumerate([*rows, 0, 0]):
        if slot in {0, 3}:
            assert torch.equal(hidden[i], was[0][i])
            assert residual is None or was[1] is None or torch.equal(residual[i], was[1][i])
            continue
        got = hidden[i] if residual is None else residual[i]
        assert residual is None or not hidden[i].any()
        near = 1e-5 if dtype == torch.float32 else 0.02
        torch.testing.assert_close(got.double(), by_hand(stream[i], slot), atol=near, rtol=near)
    assert site.fired == sum(slot in {1, 2} for slot in rows)


@pytest.mark.parametrize("form", ["sparse", "dense"])
def test_captures_sum_their_tokens_over_steps_and_nothing_else(form: str) -> None:
    hidden, residual = torch.randn(6, WIDTH), torch.randn(6, WIDTH)
    hidden[5] = math.inf  # padding may hold anything
    rows = np.zeros(5, np.int32)
    site = announced(form, rows, [Span(1, 0, 2), Span(2, 3, 5)])
    was = hidden.clone()
    site.apply(hidden, residual)
    site.apply(hidden, residual)
    stream = hidden + residual
    torch.testing.assert_close(site.sums[1], 2 * stream[:2].sum(0))
    torch.testing.assert_close(site.sums[2], 2 * stream[3:5].sum(0))
    assert torch.equal(hidden, was)


@pytest.mark.parametrize("form", ["sparse", "dense"])
def test_a_layer_may_give_more_axes(form: str) -> None:
    hidden = torch.randn(1, 4, WIDTH)
    flat = hidden.clone().view(4, WIDTH)
    for shaped in (hidden, flat):
        announced(form, np.array([0, 1, 2, 0], np.int32), []).apply(shaped, None)
    assert torch.equal(hidden[0], flat)


@pytest.mark.parametrize("form", ["sparse", "dense"])
def test_nothing_is_left_of_the_step_before(form: str) -> None:
    site = announced(form, np.array([1, 1, 2, 2], np.int32), [Span(1, 0, 4)])
    if isinstance(site, SparseSite):
        site.begin(None, ())
    else:
        assert isinstance(site, DenseSite)
        site._tokens.set(None, ())
    hidden = torch.randn(4, WIDTH)
    was = hidden.clone()
    site.apply(hidden, None)
    assert torch.equal(hidden, was)
    assert not site.sums.any()


@pytest.mark.parametrize("split", [True, False])
def test_both_forms_agree_at_awkward_sizes(split: bool) -> None:
    """Wider than what a kernel reads at once and no power of two, rows that lie apart."""
    width, count = 200, 75
    rows = np.arange(count, dtype=np.int32) % (SLOTS + 1)
    rows[10:60] = 0
    spans = [Span(2, 10, 60)]
    torch.manual_seed(0)
    given = torch.randn(2, count, width + 56, dtype=torch.bfloat16)
    found = []
    for form in ("sparse", "dense"):
        hidden, residual = given.clone()[:, :, 8 : 8 + width]
        tokens = Tokens(count, CAPTURES, CPU)
        site = (
            SparseSite(width, SLOTS, CAPTURES, CPU)
            if form == "sparse"
            else DenseSite(width, SLOTS, CAPTURES, CPU, tokens)
        )
        for slot in (1, 2):
            site.fill(slot, np.linspace(-1, slot, width, dtype=np.float32))
        site.fill(3, np.zeros(width, np.float32))  # acts, and turns nothing
        if isinstance(site, SparseSite):
            site.begin(rows, spans)
        else:
            tokens.set(rows, spans)
        site.apply(hidden, residual if split else None)
        found.append((hidden, residual, site.sums, site.fired))
    for one, other in zip(*found, strict=True):
        torch.testing.assert_close(one, other)


def test_no_slot_is_read_where_there_is_none() -> None:
    site = announced("dense", np.zeros(1, np.int32), [])
    with pytest.raises(ValueError, match="expected"):
        site.apply(torch.zeros(MOST + 1, WIDTH), None)
