"""The two kernels behind a dense site, in Triton: rows are turned, spans are added up.

A program looks up in tables on the device what acts on its row or its span, and ends where nothing
does: those activations are neither read nor written. So the same launches serve whatever is
announced, and an idle step costs the launches alone.
"""

from __future__ import annotations

import torch
import triton
import triton.language as tl

from steering.rotation import LEAST

_SPAN_TOKENS, _SPAN_WIDTH = 32, 128
"""Tokens and columns of a span that are read at once."""

_THREAD_ELEMENTS, _MOST_WARPS = 16, 16
"""Elements of a row for each thread of a warp, and the warps of a row at most."""


@triton.jit  # type: ignore[untyped-decorator]
def _turn(  # type: ignore[no-untyped-def]  # noqa: PLR0917
    hidden, residual, hidden_row, hidden_step, residual_row, residual_step,
    slots, acts, pulls, fired, width,
    split: tl.constexpr, least: tl.constexpr, block: tl.constexpr,
):  # fmt: skip
    row = tl.program_id(0).to(tl.int64)
    slot = tl.load(slots + row).to(tl.int64)
    if tl.load(acts + slot):
        at = tl.arange(0, block)
        inside = at < width
        here = hidden + row * hidden_row + at * hidden_step
        there = residual + row * residual_row + at * residual_step
        stream = tl.load(here, mask=inside, other=0.0).to(tl.float32)
        if split:
            stream += tl.load(there, mask=inside, other=0.0).to(tl.float32)
        pull = tl.load(pulls + slot * width + at, mask=inside, other=0.0)
        moved = stream - pull
        length = tl.sqrt(tl.sum(stream * stream, 0))
        shrink = length / tl.maximum(tl.sqrt(tl.sum(moved * moved, 0)), least)
        pulled = tl.max((pull != 0.0).to(tl.int32), 0) > 0
        turned = tl.where(pulled, moved * shrink, stream)
        if split:
            tl.store(there, turned.to(residual.dtype.element_ty), mask=inside)
            tl.store(here, tl.zeros_like(turned).to(hidden.dtype.element_ty), mask=inside)
        else:
            tl.store(here, turned.to(hidden.dtype.element_ty), mask=inside)
        tl.atomic_add(fired, 1)


@triton.jit  # type: ignore[untyped-decorator]
def _collect(  # type: ignore[no-untyped-def]  # noqa: PLR0917
    hidden, residual, hidden_row, hidden_step, residual_row, residual_step,
    bounds, sums, width,
    split: tl.constexpr, tokens: tl.constexpr, block: tl.constexpr,
):  # fmt: skip
    span = tl.program_id(0).to(tl.int64)
    start, stop = tl.load(bounds + 2 * span), tl.load(bounds + 2 * span + 1)
    if start < stop:
        at = tl.program_id(1) * block + tl.arange(0, block)
        inside = at < width
        total = tl.zeros((block,), tl.float32)
        # In a fixed order: an atomic add would give another sum each time.
        for first in range(start, stop, tokens):
            rows = (first + tl.arange(0, tokens)).to(tl.int64)
            known = (rows < stop)[:, None] & inside[None, :]
            here = hidden + rows[:, None] * hidden_row + at[None, :] * hidden_step
            part = tl.load(here, mask=known, other=0.0).to(tl.float32)
            if split:
                there = residual + rows[:, None] * residual_row + at[None, :] * residual_step
                part += tl.load(there, mask=known, other=0.0).to(tl.float32)
            total += tl.sum(part, 0)
        into = sums + span * width + at
        tl.store(into, tl.load(into, mask=inside, other=0.0) + total, mask=inside)


def turn(
    hidden: torch.Tensor,
    residual: torch.Tensor | None,
    slots: torch.Tensor,
    acts: torch.Tensor,
    pulls: torch.Tensor,
    *,
    fired: torch.Tensor,
) -> None:
    """`steering.rotation.rotate` in place, for the rows whose slot acts; `fired` counts them.

    `hidden` and `residual` have shape (tokens, H), `slots` (tokens or more,), `acts` (slots,),
    `pulls` (slots, H) in float32. A turned row is in `residual`, with zeros in `hidden`, where
    there are both.
    """
    tokens, width = hidden.shape
    block = triton.next_power_of_2(width)
    both = hidden if residual is None else residual
    _turn[(tokens,)](
        hidden, both, *hidden.stride(), *both.stride(), slots, acts, pulls, fired, width,
        split=residual is not None, least=LEAST, block=block,
        num_warps=min(max(block // (32 * _THREAD_ELEMENTS), 1), _MOST_WARPS),
    )  # fmt: skip


def collect(
    hidden: torch.Tensor, residual: torch.Tensor | None, bounds: torch.Tensor, sums: torch.Tensor
) -> None:
    """Add the stream's rows from `bounds[n, 0]` to before `bounds[n, 1]` to `sums[n]`.

    `hidden` and `residual` have shape (tokens, H), `sums` (spans, H) in float32.
    """
    spans, width = sums.shape
    both = hidden if residual is None else residual
    _collect[(spans, triton.cdiv(width, _SPAN_WIDTH))](
        hidden, both, *hidden.stride(), *both.stride(), bounds, sums, width,
        split=residual is not None, tokens=_SPAN_TOKENS, block=_SPAN_WIDTH,
    )  # fmt: skip
