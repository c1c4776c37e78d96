"""What stands around the texts of a reply: read too, and left out where it tells something."""

from __future__ import annotations

from collections.abc import Set
from typing import Any

from gateway.errors import UpstreamFailed
from gateway.openai.scrub.fields import KNOWN
from guards.leak.filter import leak_in
from guards.leak.matcher import Leak
from guards.leak.watch import Watch

_OF_REPLY = frozenset(
    {"id", "object", "created", "model", "choices", "system_fingerprint", "service_tier"}
)
_OF_LOGPROBS = frozenset({"content", "tokens", "token_logprobs", "top_logprobs", "text_offset"})


def clear_reply(reply: dict[str, Any], watch: Watch) -> None:
    """Leave out what tells something beside the choices; raises `UpstreamFailed` for an error."""
    if "error" in _cleared(reply, _OF_REPLY, watch):
        raise UpstreamFailed("The model server failed to answer.", code="upstream_failed")


def clear_logprobs(logprobs: dict[str, Any], watch: Watch) -> None:
    """Leave out what tells something beside the tokens and their probabilities."""
    _cleared(logprobs, _OF_LOGPROBS, watch)


def _cleared(fields: dict[str, Any], read: Set[str], watch: Watch) -> list[str]:
    """Leave out what tells something but for the fields that are read otherwise; their names."""
    if fields.keys() <= read:
        return []
    others = [name for name in fields.keys() - read if fields[name] is not None]
    told = [name for name in others if leak_within({name: fields[name]}, watch)]
    for name in told:
        del fields[name]
    return told


def leak_within(value: Any, watch: Watch) -> Leak | None:
    """What a text or the name of a field tells, each read by itself."""
    if isinstance(value, str):
        return leak_in(value, watch)
    if isinstance(value, dict):
        names = (name for name in value if name not in KNOWN)
        return leak_within([*names, *value.values()], watch)
    inner = value if isinstance(value, list) else ()
    return next(filter(None, (leak_within(each, watch) for each in inner)), None)
