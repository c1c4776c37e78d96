"""Norm-preserving rotation of activations away from what is to be forgotten.

GUARD-IT ("Inference-Time Machine Unlearning via Gated Activation Redirection", arXiv 2605.12765):
h' = (h - v) · ‖h‖ / ‖h - v‖, where v points at the forget content and has α in its length.
"""

from __future__ import annotations

import torch

LEAST = 1e-8
"""Least length of h - v that is divided by: h = v has no direction to keep."""


def rotate(hidden: torch.Tensor, pull: torch.Tensor) -> torch.Tensor:
    """Rotate activations in the plane of each of them and its pull.

    `hidden` has shape (…, H) in any floating type, `pull` (v, α included) the same shape or one
    that broadcasts to it. Computed in float32, given back in the type of `hidden`; norms are kept
    to rounding. Rows whose pull is all zeros come back bit for bit. No branch depends on a value,
    so the function can stand in a compiled or captured graph.
    """
    exact, towards = hidden.float(), pull.float()
    moved = exact - towards
    length = torch.linalg.vector_norm(exact, dim=-1, keepdim=True)
    shrink = length / torch.linalg.vector_norm(moved, dim=-1, keepdim=True).clamp_min(LEAST)
    steered = (towards != 0).any(dim=-1, keepdim=True)
    return torch.where(steered, (moved * shrink).to(hidden.dtype), hidden)
