"""Which modules of a model are its decoder layers, and which of those are steered."""

from __future__ import annotations

from torch import nn

from steering.errors import Unsupported

SETTING = "LETHE_STEERING_LAYERS"


def decoder_layers(model: nn.Module) -> list[nn.Module]:
    """The decoder layers in order: the longest `ModuleList` with attention in its items.

    Of a model that also sees or hears, its language model is searched. Raises `Unsupported`.
    """
    tower = getattr(model, "get_language_model", None)
    root = tower() if callable(tower) else model
    lists = [list(each) for each in root.modules() if isinstance(each, nn.ModuleList)]
    attending = [each for each in lists if any(map(_attends, each))]
    if not attending:
        raise Unsupported(
            f"no decoder layers were found in {type(model).__name__}; supported are models whose "
            "layers stand in a list and hold a module with Attention in its name."
        )
    return max(attending, key=len)


def chosen(setting: str | None, depth: int) -> tuple[int, ...]:
    """The layers to steer, counted from 0, from a list of numbers, "all" or None.

    None stands for one at a quarter of the depth, where GUARD-IT (arXiv 2605.12765) steers: 4 of
    16, 7 of 28, 8 of 32. Raises `Unsupported` for layers that do not exist.
    """
    if setting is None or not setting.strip():
        return (min(round(depth / 4), depth - 1),)
    if setting.strip().lower() == "all":
        return tuple(range(depth))
    try:
        layers = tuple(sorted({int(part) for part in setting.split(",")}))
    except ValueError:
        layers = (-1,)
    if layers[0] < 0 or layers[-1] >= depth:
        raise Unsupported(
            f'{SETTING} is "all" or numbers from 0 to {depth - 1} with commas, not {setting!r}.'
        )
    return layers


def _attends(layer: nn.Module) -> bool:
    return any("Attention" in type(module).__name__ for module in layer.modules())
