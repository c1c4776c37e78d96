"""What this process of the engine knows: the rules it holds, and what went wrong.

In the API server it is a mirror, at which requests are checked at the door; in a worker it is what
acts. With both in one process it is the same object.
"""

from __future__ import annotations

from collections import OrderedDict

from steering.held import Held
from steering.vllm.compiling import Compiling

HELD = Held()
"""Vectors and bans by fingerprint."""

COMPILING = Compiling()
"""Bans of pushed rules, on their way into the logits processor; in a worker alone."""

_MOST_FAILED = 4_096

_failed: OrderedDict[str, None] = OrderedDict()
_count = 0


def fail(text: str) -> None:
    """Never answer under this intervention (its text, as it travelled) again.

    The worker calls it where an intervention could not act on some step: the logits processor
    then lets such requests say nothing. It stays so until the engine starts anew, because what was
    computed without steering may live on in the prefix cache under the intervention's name.
    """
    global _count  # noqa: PLW0603
    _count += 1
    _failed[text] = None
    _failed.move_to_end(text)
    if len(_failed) > _MOST_FAILED:
        _failed.popitem(last=False)


def failed(text: str) -> bool:
    """Whether requests under this intervention must say nothing."""
    return text in _failed


def failures() -> int:
    """How often `fail` was called since the process started."""
    return _count
