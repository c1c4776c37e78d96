"""The V1 model runner, taught to steer: once when its model is loaded, then before each step."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from steering.errors import Unsupported
from steering.vllm import op
from steering.vllm.admission import KEY
from steering.vllm.digest import fingerprint
from steering.vllm.layers import decoder_layers
from steering.vllm.steering import Steering

ATTRIBUTE = "lethe_steering"
"""Where a runner keeps its `Steering`."""

_DIGEST = "lethe_digest"

_SPARE_TOKENS = 1_024
"""What padding to the sizes of captured graphs may add to the longest step."""


def loading(load_model: Callable[..., None]) -> Callable[..., None]:
    """Wrap `load_model` of a runner: hooks are set before the first forward traces the graph."""

    @wraps(load_model)
    def wrapped(runner: Any, *args: Any, **options: Any) -> None:
        load_model(runner, *args, **options)
        _equip(runner)

    return wrapped


def processing(process: Callable[..., None]) -> Callable[..., None]:
    """Wrap `process_weights_after_loading`: before it, parameters are as they were loaded."""

    @wraps(process)
    def wrapped(model: Any, model_config: Any, target_device: Any) -> None:
        config = model_config.hf_config.to_dict()
        model.lethe_digest = fingerprint(model, type(model).__name__, config)
        process(model, model_config, target_device)

    return wrapped


def preparing(prepare_inputs: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap `_prepare_inputs`, which runs before each forward with the batch in order."""

    @wraps(prepare_inputs)
    def wrapped(runner: Any, scheduler_output: Any, num_scheduled_tokens: Any) -> Any:
        steering: Steering | None = getattr(runner, ATTRIBUTE, None)
        if steering is not None:
            gone = scheduler_output.finished_req_ids
            begun = scheduler_output.scheduled_new_reqs
            if begun:  # a session that goes on comes as a new request of the same id
                gone = [*gone, *(request.req_id for request in begun)]
            steering.step(runner, gone, runner.input_batch.req_ids, num_scheduled_tokens)
        return prepare_inputs(runner, scheduler_output, num_scheduled_tokens)

    return wrapped


def describe(runner: Any) -> dict[str, Any]:
    """The loaded model: digest, hidden size, depth, steered layers."""
    steering: Steering = getattr(runner, ATTRIBUTE)
    model = runner.get_model()
    return {
        "digest": getattr(model, _DIGEST),
        "hidden_size": next(iter(steering.sites.values())).width,
        "depth": len(decoder_layers(model)),
        "layers": sorted(steering.sites),
    }


def _equip(runner: Any) -> None:
    model = runner.get_model()
    layers = decoder_layers(model)
    numbers = runner.vllm_config.additional_config[KEY]["layers"]
    if max(numbers) >= len(layers):
        raise Unsupported(
            f"layer {max(numbers)} is to be steered, but {type(model).__name__} has "
            f"{len(layers)} decoder layers."
        )
    if not hasattr(model, _DIGEST):
        raise Unsupported(
            f"the load format {runner.load_config.load_format} is not supported; use auto."
        )
    steering = Steering(
        numbers,
        runner.model_config.get_hidden_size(),
        runner.max_num_reqs,
        runner.max_num_tokens + _SPARE_TOKENS,
        runner.device,
    )
    setattr(runner, ATTRIBUTE, steering)
    op.install({number: layers[number] for number in numbers}, steering.sites)
