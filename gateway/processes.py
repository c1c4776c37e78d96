"""Child processes that serve HTTP: started, awaited, stopped; for the demo and benchmarks."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import platformdirs

from gateway.errors import LetheError

_PORTS = random.SystemRandom()


class ChildFailed(LetheError):
    """A child process did not start; the message ends with its last words."""


class Child:
    """A server in a process of its own, ready once `ready_url` answers 200.

    As a context manager it stops the process on the way out: SIGTERM, and SIGKILL where that is
    not heeded within `grace_s` seconds.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        ready_url: str,
        log: Path,
        environment: Mapping[str, str] | None = None,
        timeout_s: float = 30.0,
        grace_s: float = 15.0,
    ) -> None:
        self.command = list(command)
        self.ready_url = ready_url
        self.log = log
        self.environment = {**os.environ, **(environment or {})}
        self.timeout_s = timeout_s
        self.grace_s = grace_s
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> Self:
        """Start the process and wait until it is ready; raises `ChildFailed`."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self.environment,
                start_new_session=True,
            )
        began = time.monotonic()
        while not answers(self.ready_url):
            late = time.monotonic() - began > self.timeout_s
            if late or self.process.poll() is not None:
                self.stop()
                raise ChildFailed(f"{self.command[0]} did not get ready.\n{self._last_words()}")
            time.sleep(0.05)
        return self

    def kill(self) -> None:
        """SIGKILL, to the process and to all that it started."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def stop(self) -> None:
        """End the process and whatever it left in its group."""
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(self.grace_s)
        self.kill()

    def _last_words(self) -> str:
        lines = self.log.read_text(errors="replace").splitlines()
        return "\n".join([*lines[-12:], f"The whole log is {self.log}."])

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def answers(url: str) -> bool:
    """Whether a URL answers with a status below 400."""
    try:
        with urllib.request.urlopen(url, timeout=2.0) as response:  # noqa: S310
            return int(response.status) < 400
    except (urllib.error.URLError, OSError, ValueError):
        return False


def free_port() -> int:
    """A port on loopback that nobody uses at this moment.

    It lies below those that connections are given, one of which could take it before it is bound.
    """
    while True:
        port = _PORTS.randrange(10_000, 32_000)
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port


def gateway_child(
    data_dir: Path, upstream: str, *, port: int | None = None, **settings: str
) -> tuple[Child, str]:
    """A gateway on loopback that keeps its data in a folder, and its base URL.

    `settings` are names without `LETHE_`, in lower case. Without an API key of its own it gets
    the bootstrap key "bench". The exported encoder is kept in the user's cache folder: a data
    folder that is thrown away must not cost the export again.
    """
    port = port or free_port()
    environment = {
        f"LETHE_{name.upper()}": value
        for name, value in {
            "host": "127.0.0.1",
            "port": str(port),
            "upstreams": upstream,
            "data_dir": str(data_dir),
            "cache_dir": platformdirs.user_cache_dir("lethe"),
            "bootstrap_key": "bench",
            **settings,
        }.items()
    }
    data_dir.mkdir(parents=True, exist_ok=True)
    url = f"http://127.0.0.1:{port}"
    child = Child(
        [sys.executable, "-m", "gateway.cli", "serve"],
        ready_url=f"{url}/readyz",
        log=data_dir / f"gateway-{port}.log",
        environment=environment,
        timeout_s=90.0,
    )
    return child, url


def vllm_child(
    model: Path, name: str, log: Path, *, plugged: bool = True, compiled: bool = False
) -> tuple[Child, str]:
    """vLLM on a model, with the plug-in or without, on a free port of loopback; its base URL.

    With `compiled` false its graph is traced only, which starts sooner and is plenty for a small
    model. Nothing is fetched, and nothing is reported.
    """
    url = f"http://127.0.0.1:{(port := free_port())}"
    command = [
        sys.executable, "-m", "vllm.entrypoints.openai.api_server",
        "--model", str(model), "--served-model-name", name,
        "--host", "127.0.0.1", "--port", str(port),
        "--max-model-len", "512", "--dtype", "float32",
    ]  # fmt: skip
    environment = {
        "VLLM_PLUGINS": "lethe" if plugged else "",
        "VLLM_CPU_CI_ENV": "0" if compiled else "1",
        "VLLM_CPU_KVCACHE_SPACE": "1",
        "VLLM_NO_USAGE_STATS": "1",
        "VLLM_LOGGING_LEVEL": "WARNING",
        "HF_HUB_OFFLINE": "1",
    }
    child = Child(
        command, ready_url=f"{url}/health", log=log, environment=environment, timeout_s=600.0
    )
    return child, url
