"""The one operator that stands behind steered layers in the compiled graph.

A plain hook with an `if` is compiled away, and one that is added after compilation never fires:
the hooks are set before warm-up, and all that they do is call an operator that the compiler cannot
look into.
"""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import nn
from vllm.utils.torch_utils import direct_register_custom_op

from steering.errors import Unsupported
from steering.vllm.sites import Site

_LIBRARY = torch.library.Library("lethe", "FRAGMENT")  # type: ignore[no-untyped-call]

_sites: dict[int, Site] = {}
"""By layer, of the model that was loaded last: the graph knows a site by this number alone, and a
graph that was cached in another process must find its own."""


# The schema is inferred from the types of this function, so annotations here are no strings.
def _steer(hidden: torch.Tensor, residual: torch.Tensor | None, layer: int) -> None:
    _sites[layer].apply(hidden, residual)


def _nothing(hidden: torch.Tensor, residual: torch.Tensor | None, layer: int) -> None:
    """What the operator gives back, for tracing: nothing."""


def define() -> None:
    """Make the operator known to torch; a second call does nothing."""
    if hasattr(torch.ops.lethe, "steer"):
        return
    direct_register_custom_op(
        "steer",
        _steer,
        mutates_args=["hidden", "residual"],
        fake_impl=_nothing,
        target_lib=_LIBRARY,
    )


def install(layers: Mapping[int, nn.Module], sites: Mapping[int, Site]) -> None:
    """Set the hooks on layers of a model that was just loaded."""
    define()
    _sites.clear()
    _sites.update(sites)
    for number, layer in layers.items():
        layer.register_forward_hook(_hook(number, sites[number].width))


def _hook(layer: int, width: int) -> Callable[[nn.Module, Any, Any], None]:
    def hook(_module: nn.Module, _inputs: Any, output: Any) -> None:
        hidden, residual = parts(output, width)
        torch.ops.lethe.steer(hidden, residual, layer)

    return hook


def parts(output: Any, width: int) -> tuple[torch.Tensor, torch.Tensor | None]:
    """What a decoder layer gave: hidden states, and the residual where there is one.

    Known are a tensor, `(hidden,)`, `(hidden, None)` and `(hidden, residual)`, `width` wide;
    raises `Unsupported` for others, at the first forward.
    """
    given = output if isinstance(output, tuple) else (output,)
    hidden, residual = (*given, None)[:2]
    fits = len(given) <= 2 and isinstance(hidden, torch.Tensor) and hidden.shape[-1] == width
    if not fits or not (residual is None or isinstance(residual, torch.Tensor)):
        raise Unsupported(
            "the decoder layers of this model give something else than hidden states and a "
            "residual; it cannot be steered."
        )
    return hidden, residual
