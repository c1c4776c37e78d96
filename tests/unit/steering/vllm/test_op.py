"""The operator behind a decoder layer: every shape of output, eager and compiled."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from steering.errors import Unsupported
from steering.vllm import op
from steering.vllm.sites import SparseSite

WIDTH = 4
LAYER = 7


class Layer(nn.Module):
    """Gives its input in one of the shapes that vLLM's decoder layers have."""

    def __init__(self, shape: str) -> None:
        super().__init__()
        self.shape = shape

    def forward(self, x: torch.Tensor) -> Any:
        x = x * 1.0
        return {
            "tensor": x,
            "one": (x,),
            "none": (x, None),
            "pair": (x * 0.5, x * 0.5),
        }[self.shape]


class Model(nn.Module):
    def __init__(self, shape: str) -> None:
        super().__init__()
        self.layer = Layer(shape)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        given = self.layer(x)
        parts = given if isinstance(given, tuple) else (given,)
        total: torch.Tensor = parts[0]
        for part in parts[1:]:
            total = total if part is None else total + part
        return total


def site() -> SparseSite:
    made = SparseSite(WIDTH, 1, 1, torch.device("cpu"))
    made.fill(1, np.array([0, 2, 0, 0], np.float32))
    made.begin(np.array([0, 1, 0], np.int32), ())
    return made


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("shape", ["tensor", "one", "none", "pair"])
def test_it_steers_whatever_shape_a_layer_gives(shape: str, compiled: bool) -> None:
    model = Model(shape)
    acting = site()
    op.install({LAYER: model.layer}, {LAYER: acting})
    run = torch.compile(model, backend="eager", fullgraph=True) if compiled else model
    x = torch.eye(3, WIDTH) + 1
    with torch.no_grad():
        got = run(x.clone())
        assert torch.equal(got[[0, 2]], x[[0, 2]])
        assert not torch.equal(got[1], x[1])
        torch.testing.assert_close(got[1].norm(), x[1].norm())
        assert acting.fired == 1
        acting.begin(None, ())
        assert torch.equal(run(x.clone()), x)  # the graph is the same; what it does is not


@pytest.mark.parametrize(
    "output",
    [
        torch.zeros(2, WIDTH + 1),
        (torch.zeros(2, WIDTH), torch.zeros(2, WIDTH), torch.zeros(2)),
        (torch.zeros(2, WIDTH), "more"),
        [torch.zeros(2, WIDTH)],
        None,
    ],
)
def test_other_outputs_are_refused(output: Any) -> None:
    with pytest.raises(Unsupported, match="cannot be steered"):
        op.parts(output, WIDTH)
