"""`lethe keys rotate-data-key`: how far it is, and what it came to."""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import orjson
import typer

from gateway.cli.client import show_one

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.rotating import Rotation

_EVERY_S = 1.0
"""Seconds between two lines in a pipe."""


Config = Annotated[Path | None, typer.Option(help="The gateway's YAML file of settings.")]


def rotate_data_key(config: Config = None) -> None:
    """Encrypt everything anew with another data key, while gateways go on.

    Run again what was interrupted: it goes on.
    """
    show_one(asyncio.run(_rotated(config)), "Rotated")


async def _rotated(config: Path | None) -> dict[str, Any]:
    from gateway.datakey import before, kept_in, open_cipher
    from gateway.registry_open import check_store, open_registry
    from gateway.rotating import keeps_key, rotate
    from gateway.settings_load import load_settings

    settings = load_settings(config)
    check_store(settings)
    cipher = open_cipher(settings)
    began = time.monotonic()
    async with open_registry(settings, cipher) as registry:
        await registry.open()
        tell = _telling()
        async for rotation in rotate(settings, cipher, registry):
            tell(rotation)
    old = before(kept_in(settings)) if keeps_key(settings) else "LETHE_PREVIOUS_DATA_KEY"
    return {
        "data_key": rotation.key,
        "previous": rotation.before,
        **_counts(rotation),
        "seconds": round(time.monotonic() - began, 1),
        "silent": rotation.silent,
        "behind": rotation.behind,
        "next": f"Remove {old} everywhere; keep the old key only for as long as backups need it.",
    }


def _counts(rotation: Rotation) -> dict[str, Any]:
    progress = rotation.progress
    return {"seen": progress.seen, "sealed": dict(sorted(progress.sealed.items()))}


def _telling() -> Callable[[Rotation], None]:
    """Tells how far a rotation is: a line a second in a pipe, one that changes on a terminal."""
    terminal = sys.stdout.isatty()
    last = 0.0

    def tell(rotation: Rotation) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last < _EVERY_S:
            return
        last, total, seen = now, rotation.progress.total, rotation.progress.seen
        if terminal:
            print(f"{seen} of {total} requests and traces", end="\r", file=sys.stderr)
        else:
            told = {"step": "sealing", "of": total, **_counts(rotation)}
            print(orjson.dumps(told).decode(), flush=True)

    return tell
