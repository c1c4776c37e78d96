"""Muon for matrices and AdamW for the rest, over fp32 masters of a bf16 model.

Muon: Jordan et al., 2024, "Muon: an optimizer for hidden layers in neural networks".
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import torch
from torch import nn

# Coefficients of the quintic iteration, as published with Muon.
_A, _B, _C = 3.4445, -4.7750, 2.0315
_STEPS = 5
MUON_RATE, MUON_MOMENTUM, MUON_DECAY = 0.02, 0.95, 0.01
ADAM_RATE, ADAM_BETAS = 4e-3, (0.9, 0.95)


def orthogonalize(gradients: torch.Tensor) -> torch.Tensor:
    """Return the nearest semi-orthogonal matrices of a stack, shape (n, rows, columns), in bf16.

    Five Newton-Schulz steps on the short side; singular values end near one, not exactly at it.
    """
    x = gradients.bfloat16()
    tall = x.shape[1] > x.shape[2]
    if tall:
        x = x.mT
    x = (x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)).contiguous()
    for _ in range(_STEPS):
        gram = x @ x.mT
        x = torch.baddbmm(x, torch.baddbmm(gram, gram, gram, beta=_B, alpha=_C), x, beta=_A)
    return x.mT if tall else x


@dataclass(slots=True)
class _Stack:
    """Matrices of one shape: the model's own and, stacked, their fp32 masters and momentum."""

    parameters: list[nn.Parameter]
    masters: torch.Tensor
    momentum: torch.Tensor


class MixedOptimizer:
    """Updates fp32 masters from the gradients of bf16 parameters and writes them back."""

    def __init__(self, model: nn.Module) -> None:
        matrices: defaultdict[torch.Size, list[nn.Parameter]] = defaultdict(list)
        self._others: list[tuple[nn.Parameter, torch.Tensor]] = []
        for name, parameter in model.named_parameters():
            if parameter.ndim == 2 and "embed" not in name:
                matrices[parameter.shape].append(parameter)
            else:
                self._others.append((parameter, parameter.detach().float().clone()))
        self._stacks = []
        for members in matrices.values():
            masters = torch.stack([member.detach().float() for member in members])
            self._stacks.append(_Stack(members, masters, torch.zeros_like(masters)))
        self._adam = torch.optim.AdamW(
            [master for _, master in self._others],
            lr=ADAM_RATE,
            betas=ADAM_BETAS,
            weight_decay=0.0,
            foreach=True,
        )

    @torch.no_grad()
    def step(self, scale: float) -> None:
        """Take one step at `scale` times the full learning rates, and clear the gradients."""
        for group in self._adam.param_groups:
            group["lr"] = ADAM_RATE * scale
        for parameter, master in self._others:
            master.grad = _gradient(parameter).float()
        self._adam.step()
        for parameter, master in self._others:
            parameter.copy_(master)
            parameter.grad = None
        for stack in self._stacks:
            self._muon(stack, scale)

    def _muon(self, stack: _Stack, scale: float) -> None:
        gradients = torch.stack([_gradient(parameter) for parameter in stack.parameters]).float()
        stack.momentum.lerp_(gradients, 1 - MUON_MOMENTUM)
        update = orthogonalize(gradients.lerp_(stack.momentum, MUON_MOMENTUM))  # Nesterov
        _, rows, columns = stack.masters.shape
        stack.masters.mul_(1 - MUON_RATE * scale * MUON_DECAY)
        stack.masters.sub_(update, alpha=MUON_RATE * scale * max(1.0, rows / columns) ** 0.5)
        for parameter, master in zip(stack.parameters, stack.masters, strict=True):
            parameter.copy_(master)
            parameter.grad = None


def _gradient(parameter: nn.Parameter) -> torch.Tensor:
    if parameter.grad is None:
        raise RuntimeError("step() before backward()")
    return parameter.grad
