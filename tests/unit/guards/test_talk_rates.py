"""How often follow-ups are carried over, and how often turns that stand by themselves are."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from guards import Conversation, Filing, Message, RuleSet, compile_rule, screen
from tests.unit.guards.conftest import fake_encode

TALK = Path(__file__).parents[2] / "data" / "talk"
FILED = ("Mira Quell", "Anton Verrell")


def conversations(file: str) -> Iterator[tuple[bool, Conversation]]:
    for line in (TALK / file).read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        system = [Message("system", row["system"])] if "system" in row else []
        roles = ("user", "assistant")
        said = [Message(roles[i % 2], text) for i, text in enumerate(row["said"])]
        yield row["goes_on"], Conversation((*system, *said))


@pytest.mark.parametrize(
    ("file", "caught", "blocked"),
    [("tuning.jsonl", 0.96, 0.025), ("held_out.jsonl", 0.95, 0.05)],
)
def test_rates(file: str, caught: float, blocked: float) -> None:
    filings = [Filing(id=name, name=name, whole_subject=True) for name in FILED]
    rules = RuleSet.build([compile_rule(filing, fake_encode, "fake") for filing in filings], 1)
    hits: dict[bool, list[bool]] = {True: [], False: []}
    for goes_on, conversation in conversations(file):
        hits[goes_on].append(screen(conversation, rules, fake_encode).action != "allow")
    assert sum(hits[True]) >= caught * len(hits[True])
    assert len(hits[True]) > 200
    assert sum(hits[False]) <= blocked * len(hits[False])
    assert len(hits[False]) > 300
