"""The plug-in's beginning, in every process of vLLM: entry point group `vllm.general_plugins`."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from steering.intervention import ARGUMENT

NAME = "lethe"

_done = False


def register() -> None:
    """Make this vLLM one that can be steered, where `VLLM_PLUGINS` names "lethe".

    A second call does nothing. Raises `Unsupported` for a vLLM that was not tested.
    """
    global _done  # noqa: PLW0603
    from vllm import envs  # noqa: PLC0415

    if _done or NAME not in (envs.VLLM_PLUGINS or ()):
        return
    _install()
    _done = True


def _install() -> None:
    # Imported here: a vLLM without the plug-in pays nothing for it being installed.
    import vllm  # noqa: PLC0415
    from vllm.v1.worker.worker_base import WorkerBase  # noqa: PLC0415

    from steering.vllm import admission, fence, rpc, runner, seams  # noqa: PLC0415

    seams.check(vllm.__version__)
    fenced = fence.fenced(getattr(*seams.owner(seams.HASH)))
    wrappers: dict[str, Callable[[Any], Any]] = {
        seams.CONFIGURE: admission.configuring,
        seams.LOAD: runner.loading,
        seams.LOAD_ON_CPU: runner.loading,
        seams.PREPARE: runner.preparing,
        seams.PROCESS: runner.processing,
        seams.HASH: lambda _: fenced,
        seams.HASH_IN_POOL: lambda _: fenced,
        seams.HASH_IN_OFFLOAD: lambda _: fenced,
        seams.BEAMS: _single,
        seams.CHAT_BEAMS: _single,
    }
    for seam, wrap in wrappers.items():
        holder, name = seams.owner(seam)
        setattr(holder, name, wrap(getattr(holder, name)))
    for method in rpc.METHODS:
        setattr(WorkerBase, method.__name__, method)


def _single(to_params: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap `to_beam_search_params`: beams would run without the request's arguments, unsteered."""

    @wraps(to_params)
    def wrapped(request: Any, *args: Any, **options: Any) -> Any:
        if ARGUMENT in (request.vllm_xargs or {}):
            raise ValueError("beam search cannot be steered; leave out use_beam_search.")
        return to_params(request, *args, **options)

    return wrapped
