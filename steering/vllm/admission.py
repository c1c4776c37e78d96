"""Which configurations of an engine can be steered, and what is set so that they are."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from functools import wraps
from importlib.metadata import version
from typing import Any

from steering.errors import Unsupported
from steering.vllm.layers import SETTING, chosen

KEY = "lethe"
"""Under which the plug-in's settings stand in `additional_config`. They travel to the workers with
it, and are part of the key of the compile cache, which does not see hooks."""

PROCESSOR = "steering.vllm.processor:Bans"

_V2 = "VLLM_USE_V2_MODEL_RUNNER"

_log = logging.getLogger(__name__)


def configuring(create: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap `EngineArgs.create_engine_config`: `VLLM_PLUGINS=lethe` is all that a user has to set.

    Raises `Unsupported` for what cannot be steered.
    """

    @wraps(create)
    def wrapped(args: Any, *rest: Any, **options: Any) -> Any:
        prepare(args)
        config = create(args, *rest, **options)
        admit(config)
        model = config.model_config
        layers = chosen(os.environ.get(SETTING), model.get_total_num_hidden_layers())
        config.additional_config[KEY] = {
            "layers": list(layers),
            "version": version("lethe-gateway"),
        }
        return config

    return wrapped


def prepare(args: Any) -> None:
    """Set what must be set and harms nobody; raises `Unsupported` where the user set otherwise."""
    if os.environ.setdefault(_V2, "0") != "0":
        raise Unsupported(f"only vLLM's V1 model runner can be steered; set {_V2}=0.")
    if args.logprobs_mode.startswith("raw"):
        # Raw log probabilities would show the tokens that were banned.
        _log.info("logprobs_mode is processed_logprobs")
        args.logprobs_mode = "processed_logprobs"
    if not isinstance(args.additional_config, dict):
        raise Unsupported("--additional-config must be a JSON object.")
    processors = list(args.logits_processors or [])
    if PROCESSOR not in processors:
        args.logits_processors = [*processors, PROCESSOR]


def admit(config: Any) -> None:
    """Raise `Unsupported` for an engine in which something would go unsteered."""
    parallel, cache = config.parallel_config, config.cache_config
    refusals = {
        "only vLLM's V1 model runner can be steered; leave out what asks for V2": (
            config.use_v2_model_runner
        ),
        "data parallelism is not supported; run several engines with --data-parallel-size 1": (
            parallel.data_parallel_size != 1
        ),
        "one API server is supported; set --api-server-count 1": (parallel._api_process_count != 1),
        "pipeline parallelism is not supported; use --tensor-parallel-size": (
            parallel.pipeline_parallel_size != 1
        ),
        "context parallelism is not supported": (
            max(parallel.prefill_context_parallel_size, parallel.decode_context_parallel_size) > 1
        ),
        "micro-batches are not supported; leave out --enable-dbo and --ubatch-size": (
            parallel.use_ubatching
        ),
        "speculative decoding is not supported; leave out --speculative-config": (
            config.speculative_config is not None
        ),
        "LoRA adapters are not supported, for vectors are those of the base model; leave out "
        "--enable-lora and serve a merged model": config.lora_config is not None,
        "KV connectors and offloading are not supported; leave out --kv-transfer-config and "
        "--kv-offloading-size": config.kv_transfer_config is not None,
        "--kv-sharing-fast-prefill is not supported": cache.kv_sharing_fast_prefill,
        "sleep mode is not supported; leave out --enable-sleep-mode": (
            config.model_config.enable_sleep_mode
        ),
        "encoder-decoder models are not supported": config.model_config.is_encoder_decoder,
        "only generative models can be steered": config.model_config.runner_type != "generate",
    }
    found = [reason for reason, refused in refusals.items() if refused]
    if found:
        raise Unsupported(f"this engine cannot be steered: {'; '.join(found)}.")
