"""The demo stack: vLLM on the demo model, and a gateway with its private Redis before it."""

from __future__ import annotations

import contextlib
import json
import secrets
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from gateway.processes import Child, gateway_child, vllm_child

MODEL_DIR = Path(__file__).parent / "model"
MODEL = "lethe-demo"

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Stack:
    """Where the running stack listens, and the API key that may do everything."""

    url: str
    key: str


def engine_child(log: Path, model_dir: Path = MODEL_DIR) -> tuple[Child, str]:
    """vLLM with the plug-in on a demo model, on a free port of loopback, and its base URL.

    Once started it wants `trace`. Raises `FileNotFoundError` when there is no model in the folder.
    """
    if not (model_dir / "model.safetensors").is_file():
        raise FileNotFoundError(f"There is no model in {model_dir}; train one: make demo-model.")
    return vllm_child(model_dir, MODEL, log)


@contextlib.contextmanager
def running_engine(log: Path, model_dir: Path = MODEL_DIR) -> Iterator[str]:
    """The base URL of an engine, while it runs; ready after about half a minute.

    Raises what `engine_child` does, and `ChildFailed`.
    """
    child, url = engine_child(log, model_dir)
    with child:
        trace(url)
        yield url


def trace(url: str) -> None:
    """Send the first prompt, from which vLLM traces the model's graph in this mode.

    It must have several tokens: a graph traced from a single one is specialised to that, and the
    next longer prompt would end the engine.
    """
    body = {"model": MODEL, "prompt": "A first prompt of several tokens.", "max_tokens": 2}
    request = urllib.request.Request(
        f"{url}/v1/completions", json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=120) as answer:
        answer.read()


@contextlib.contextmanager
def running_stack(data: Path, say: Say, *, port: int | None = None) -> Iterator[Stack]:
    """Start engine and gateway, hand out where they listen, stop both on the way out."""
    key = f"demo-{secrets.token_urlsafe(12)}"
    with contextlib.ExitStack() as stack:
        say("starting vLLM on the demo model (about half a minute)")
        engine = stack.enter_context(running_engine(data / "engine.log"))
        say("starting the gateway with its private Redis")
        child, url = gateway_child(data, engine, port=port, bootstrap_key=key)
        stack.enter_context(child)
        say(f"ready on {url}")
        yield Stack(url, key)
