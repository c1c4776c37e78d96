"""The private functions of vLLM that are wrapped, as they were when this was tested.

Whatever vLLM changes among them must be looked at by a person: `check` refuses to start.
"""

from __future__ import annotations

import inspect
from functools import reduce
from importlib import import_module
from typing import Any

from steering.errors import Unsupported

VERSIONS = ("0.32",)

_RUNNER = "vllm.v1.worker.gpu_model_runner:GPUModelRunner"

CONFIGURE = "vllm.engine.arg_utils:EngineArgs.create_engine_config"
LOAD = f"{_RUNNER}.load_model"
LOAD_ON_CPU = "vllm.v1.worker.cpu_model_runner:CPUModelRunner.load_model"
PREPARE = f"{_RUNNER}._prepare_inputs"
PROCESS = "vllm.model_executor.model_loader.base_loader:process_weights_after_loading"
HASH = "vllm.v1.core.kv_cache_utils:generate_block_hash_extra_keys"
HASH_IN_POOL = "vllm.v1.core.block_pool:generate_block_hash_extra_keys"
HASH_IN_OFFLOAD = "vllm.v1.simple_kv_offload.manager:generate_block_hash_extra_keys"
BEAMS = "vllm.entrypoints.openai.completion.protocol:CompletionRequest.to_beam_search_params"
CHAT_BEAMS = (
    "vllm.entrypoints.openai.chat_completion.protocol:ChatCompletionRequest.to_beam_search_params"
)

_HASH = ("request", "start_token_idx", "end_token_idx", "start_mm_idx")
_BEAMS = ("self", "max_tokens", "default_sampling_params")

_PARAMETERS = {
    CONFIGURE: ("self", "usage_context", "headless"),
    LOAD: ("self", "load_dummy_weights", "model"),
    LOAD_ON_CPU: ("self", "load_dummy_weights"),
    PREPARE: ("self", "scheduler_output", "num_scheduled_tokens"),
    PROCESS: ("model", "model_config", "target_device"),
    HASH: _HASH,
    HASH_IN_POOL: _HASH,
    HASH_IN_OFFLOAD: _HASH,
    BEAMS: _BEAMS,
    CHAT_BEAMS: _BEAMS,
}


def owner(seam: str) -> tuple[Any, str]:
    """The module or class in which a seam is an attribute, and its name."""
    module, _, path = seam.partition(":")
    *holders, name = path.split(".")
    return reduce(getattr, holders, import_module(module)), name


def check(version: str) -> None:
    """Raise `Unsupported` unless this is a vLLM that the plug-in was tested with."""
    supported = ", ".join(f"{each}.x" for each in VERSIONS)
    if not any(version == each or version.startswith(f"{each}.") for each in VERSIONS):
        raise Unsupported(f"vLLM {version} is not supported; install {supported}.")
    for seam, parameters in _PARAMETERS.items():
        try:
            found = tuple(inspect.signature(getattr(*owner(seam))).parameters)
        except (ImportError, AttributeError) as error:
            raise Unsupported(f"this vLLM has no {seam}; install {supported} as it is.") from error
        if found != parameters:
            raise Unsupported(
                f"{seam} has other parameters than those that were tested; install {supported} "
                "as it is, without patches."
            )
