"""The installed vLLM's protocol, asked in a process of its own: its import is slow and warns."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).with_name("vllm_protocol.py")


@pytest.fixture(scope="session")
def vllm_protocol() -> dict[str, Any]:
    if find_spec("vllm") is None:
        pytest.skip("vLLM is not installed")
    done = subprocess.run(
        [sys.executable, str(SCRIPT)], capture_output=True, text=True, timeout=300, check=False
    )
    if done.returncode:
        pytest.fail(f"vLLM's protocol could not be read: {done.stderr[-500:]}")
    protocol: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return protocol
