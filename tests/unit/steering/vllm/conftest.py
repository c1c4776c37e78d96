"""vLLM and torch warn of their own deprecations while they are imported."""

from __future__ import annotations

import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import vllm.engine.arg_utils
    import vllm.v1.worker.gpu_model_runner  # noqa: F401
