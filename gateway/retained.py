"""Prompts that must stay answered: what every filing is tried on."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import orjson

from gateway.errors import SettingsError

MOST = 1_000
"""Prompts of a sample; of a longer file every so manieth, so that it is ready in seconds."""
_LONGEST = 20_000
_LARGEST = 64 * 2**20


def load_retained(path: Path | None) -> tuple[str, ...]:
    """The operator's retained prompts, or those that come with Lethe.

    The file holds one prompt a line, as plain text or as `{"text": …}`. Raises `SettingsError`
    where it cannot be read or holds none.
    """
    if path is None:
        content = files("gateway").joinpath("data/retained_prompts.txt").read_bytes()
        return tuple(_prompts(content))
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
        if len(content) > _LARGEST:
            raise _unusable(path, f"it is larger than {_LARGEST >> 20} MiB")
        prompts = tuple(_prompts(content))
    except OSError as error:
        raise _unusable(path, error.strerror or "it cannot be read") from error
    except ValueError as error:
        raise _unusable(path, str(error)) from None
    if not prompts:
        raise _unusable(path, "it holds no prompt")
    step = max(1.0, len(prompts) / MOST)
    return tuple(prompts[int(i * step)] for i in range(min(len(prompts), MOST)))


def _prompts(content: bytes) -> Iterator[str]:
    try:
        # Not splitlines: JSON strings may hold U+2028 and others that it takes for ends of lines.
        lines = content.decode("utf-8-sig").split("\n")
    except UnicodeDecodeError:
        raise ValueError("it is no UTF-8 text") from None
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if text.startswith("{"):
            text = _text_in(text, number)
        if text.strip():
            yield text[:_LONGEST]


def _text_in(line: str, number: int) -> str:
    try:
        row = orjson.loads(line)
    except orjson.JSONDecodeError:
        row = None
    text = row.get("text") if isinstance(row, dict) else None
    if not isinstance(text, str):
        raise ValueError(f'line {number} is no {{"text": …}}')
    return text


def _unusable(path: Path, why: str) -> SettingsError:
    return SettingsError(
        f'LETHE_RETAINED_PROMPTS: {path} is not usable ({why}); write one prompt or {{"text": …}} '
        "a line, or leave the setting out for the prompts that come with Lethe."
    )
