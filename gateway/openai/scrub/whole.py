"""A reply in one piece on its way out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gateway.errors import UpstreamFailed
from gateway.openai.scrub.around import clear_reply
from gateway.openai.scrub.choice import ChoiceScrubber
from gateway.openai.scrub.fields import said_by, told_by


def scrub_whole(reply: dict[str, Any], scrubbers: Sequence[ChoiceScrubber]) -> None:
    """Scrub a reply in place, all choices of it and what is around them.

    Raises `UpstreamFailed` where the reply cannot be read.
    """
    left = dict(enumerate(scrubbers))
    try:
        clear_reply(reply, scrubbers[0].watch)
        for choice in reply["choices"]:
            _scrub(choice, left.pop(choice["index"]))
    except (ValueError, TypeError, KeyError, IndexError, AttributeError):
        raise UpstreamFailed(
            "The model server's answer cannot be read.", code="upstream_malformed"
        ) from None


def _scrub(choice: dict[str, Any], scrubber: ChoiceScrubber) -> None:
    said, stop = said_by(choice, "message"), choice.get("stop_reason")
    finish = choice.get("finish_reason") or "stop"
    piece = scrubber.piece(said, choice.get("logprobs"), finish=finish, stop=stop)
    if piece.changed:
        told = told_by(choice, "message", piece.said)
        choice.clear()
        choice.update(told, logprobs=piece.logprobs, **scrubber.ended)
