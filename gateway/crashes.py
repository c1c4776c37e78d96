"""What a process leaves behind when it breaks: where it broke, and nothing of what it held."""

from __future__ import annotations

import asyncio
import ctypes
import faulthandler
import logging
import resource
import sys
import threading
from typing import Any

from gateway.errors import frames

log = logging.getLogger(__name__)

_PR_SET_DUMPABLE = 4


def keep_memory_private() -> None:
    """Leave no core dump, to no file and to no collector of the machine.

    Rules, prompts and the data key are in memory in the clear. On Linux the process also counts
    as not dumpable: the limit alone does not bind a program that dumps are piped to, and without
    it any process of the same user could read this one's memory. Programs that are started from
    here inherit the limit, not the rest.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def tell_crashes_discreetly() -> None:
    """Log kind and place of what nobody caught; its message may quote a text about somebody.

    A fatal signal is told by its stack, which names functions and lines.
    """
    faulthandler.enable()
    sys.excepthook = lambda kind, error, trace: _told("The process ends", error)
    threading.excepthook = lambda args: _told("A thread ended", args.exc_value)
    sys.unraisablehook = lambda args: _told("An error was lost", args.exc_value)


def tell_of_tasks(loop: asyncio.AbstractEventLoop) -> None:
    """The same of what is raised on an event loop where nobody waits for it."""

    def told(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        # Its own message can show the arguments of a callback.
        _told("Something failed in the background", context.get("exception"))

    loop.set_exception_handler(told)


def _told(what: str, error: BaseException | None) -> None:
    if error is None:
        log.error("%s.", what)
    else:
        log.error("%s: %s\n%s", what, type(error).__name__, frames(error))
