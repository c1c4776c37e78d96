"""A dry run of a filing: nothing is filed, and what it would block of ordinary prompts is told."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from gateway.admin.filing import compiled, parse_filing
from gateway.parts import Parts
from guards import Conversation, Encode, Match, RuleSet, screen

_ID = "fr_dry_run"
_EXAMPLES = 5


class Trial:
    """Screens the retained prompts with a filing added to what is enforced, one at a time."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        # Seconds of work in a thread each: chats must not wait for several of them.
        self._one = asyncio.Lock()

    async def run(self, body: Any) -> dict[str, Any]:
        """What a filing would block; raises `InvalidRequest` and `NotSupported` as filing does."""
        parts = self._parts
        rule = await compiled(_ID, 1, parse_filing(body), parts.enforcer.compiler)
        async with self._one:
            rules = parts.enforcer.rules
            sample = await asyncio.to_thread(
                lambda: _judged(
                    parts.retained, rules.with_rule(rule, rules.revision), parts.encoder.encode
                )
            )
        return {"dry_run": True, "valid": True, "revision": rules.revision, "sample": sample}


def _judged(prompts: Sequence[str], rules: RuleSet, encode: Encode) -> dict[str, Any]:
    """How many prompts the rule `_ID` would be the first to block, and which."""
    already, blocked = 0, []
    for prompt in prompts:
        matches = screen(Conversation.of(prompt), rules, encode).matches
        if any(match.enforced for match in matches if match.id != _ID):
            already += 1
        else:
            blocked += [_example(prompt, match) for match in matches if match.id == _ID]
    return {
        "n": len(prompts),
        "blocked": len(blocked),
        "already_blocked": already,
        "examples": blocked[:_EXAMPLES],
    }


def _example(prompt: str, match: Match) -> dict[str, Any]:
    return {
        "text": prompt,
        "score": match.score,
        "threshold": match.threshold,
        "detectors": match.detectors,
    }
