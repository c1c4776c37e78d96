"""How far a long loop is, on a terminal; silent in a pipe."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from rich.console import Console
from rich.progress import Progress, track

T = TypeVar("T")


def followed(items: Sequence[T], what: str) -> Iterable[T]:
    """The items, with a bar on stderr that goes away at the end."""
    console = Console(stderr=True)
    return track(items, what, console=console, transient=True, disable=not sys.stderr.isatty())


@contextmanager
def counted(total: int, what: str) -> Iterator[Callable[[], None]]:
    """The same for what is done in no order: call what is given once for each that is finished."""
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task(what, total=total)
        yield lambda: bar.advance(task)
