"""Which modules count as decoder layers, and which of them are steered."""

from __future__ import annotations

import pytest
from torch import nn

from steering.errors import Unsupported
from steering.vllm.layers import chosen, decoder_layers


class FakeAttention(nn.Module):
    pass


class Layer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.mix = FakeAttention()
        self.experts = nn.ModuleList([nn.Linear(1, 1) for _ in range(9)])


class Missing(nn.Identity):
    """Stands where another rank of a pipeline has a layer."""


class Language(nn.Module):
    def __init__(self, depth: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList([Missing(), *(Layer() for _ in range(depth - 1))])


class Seeing(nn.Module):
    """A model with a vision tower that is deeper than its language model."""

    def __init__(self) -> None:
        super().__init__()
        self.tower = nn.ModuleList([Layer() for _ in range(7)])
        self.language = Language(4)

    def get_language_model(self) -> nn.Module:
        return self.language


def test_the_longest_list_with_attention_counts() -> None:
    model = Language(5)
    assert decoder_layers(model) == list(model.layers)


def test_of_a_model_that_sees_the_language_model_counts() -> None:
    model = Seeing()
    assert decoder_layers(model) == list(model.language.layers)


def test_a_model_without_such_a_list_is_refused() -> None:
    with pytest.raises(Unsupported, match="Linear"):
        decoder_layers(nn.Linear(1, 1))


@pytest.mark.parametrize(("depth", "layer"), [(1, 0), (4, 1), (16, 4), (28, 7), (32, 8)])
def test_without_a_setting_a_quarter_of_the_depth(depth: int, layer: int) -> None:
    assert chosen(None, depth) == chosen(" ", depth) == (layer,)


def test_a_setting_lists_layers_or_names_all() -> None:
    assert chosen("3, 1,1", 4) == (1, 3)
    assert chosen("ALL", 3) == (0, 1, 2)


@pytest.mark.parametrize("setting", ["4", "-1", "one", "1;2", "1,"])
def test_layers_that_do_not_exist_are_refused(setting: str) -> None:
    with pytest.raises(Unsupported, match="LETHE_STEERING_LAYERS"):
        chosen(setting, 4)
