"""Rules that forbid something in replies, and what passes of a reply under them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from guards import Filing, RuleSet, compile_rule
from guards.leak.filter import LeakFilter
from guards.leak.watch import Watch
from tests.unit.guards.conftest import fake_encode

KEY = b"k" * 32


def rules_of(*filings: dict[str, Any]) -> RuleSet:
    """A rule set; the ids are r0, r1, …"""
    rules = [
        compile_rule(Filing(id=f"r{n}", **fields), fake_encode, "fake", key=KEY)
        for n, fields in enumerate(filings)
    ]
    return RuleSet.build(rules, 1)


def watch_on(rules: RuleSet, *matched: str) -> Watch:
    return Watch.of(lambda: rules, KEY, matched)


def run(watch: Watch, pieces: Iterable[str], before: str = "") -> tuple[str, LeakFilter]:
    """What passes of a text in pieces."""
    leaks = LeakFilter(watch, before)
    passed = "".join(leaks.feed(piece) for piece in pieces)
    return passed + leaks.flush(), leaks
