"""How far a long loop is, on a terminal; silent in a pipe."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import TypeVar

from rich.console import Console
from rich.progress import track

T = TypeVar("T")


def followed(items: Sequence[T], what: str) -> Iterable[T]:
    """The items, with a bar on stderr that goes away at the end."""
    console = Console(stderr=True)
    return track(items, what, console=console, transient=True, disable=not sys.stderr.isatty())
