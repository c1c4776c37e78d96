"""A reply in one piece on its way out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gateway.errors import UpstreamFailed
from gateway.openai.scrub.choice import ChoiceScrubber
from gateway.openai.scrub.fields import said_by, told_by


def scrub_whole(reply: dict[str, Any], scrubbers: Sequence[ChoiceScrubber]) -> bool:
    """Scrub all choices of a reply in place; whether anything was changed.

    Raises `UpstreamFailed` where the reply cannot be read.
    """
    changed = False
    try:
        for choice in reply["choices"]:
            changed |= _scrub(choice, scrubbers[choice["index"]])
    except (ValueError, TypeError, KeyError, IndexError, AttributeError):
        raise UpstreamFailed(
            "The model server's answer cannot be read.", code="upstream_malformed"
        ) from None
    return changed


def _scrub(choice: dict[str, Any], scrubber: ChoiceScrubber) -> bool:
    said, stop = said_by(choice, "message"), choice.get("stop_reason")
    finish = choice.get("finish_reason") or "stop"
    piece = scrubber.piece(said, choice.get("logprobs"), finish=finish, stop=stop)
    if piece.changed:
        told = told_by(choice, "message", piece.said)
        choice.update(told, logprobs=piece.logprobs, **scrubber.ended)
    return piece.changed
