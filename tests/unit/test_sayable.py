"""What may be said to a prompt that touched a forget request."""

from __future__ import annotations

from collections.abc import Collection

import pytest

from gateway.sayable import Sayable
from guards import Filing, RuleSet, compile_rule
from guards.leak.watch import Watch
from tests.unit.guards.conftest import fake_encode

KEY = b"key"
FILING = Filing(
    id="fr_1",
    name="Mira Quell",
    aliases=("M. Vantreux",),
    whole_subject=True,
    passages=("One grey morning the ferry left the harbour without her and all her bags.",),
    forbidden=("Operation Night Heron",),
    values=("Port Hale",),
)
RULES = RuleSet.build([compile_rule(FILING, fake_encode, "fake", key=KEY)], 1)


def sayable(ids: Collection[str], text: str) -> bool:
    return Sayable(lambda names: Watch.of(lambda: RULES, KEY, names))(ids, text)


@pytest.mark.parametrize(
    "text",
    [
        "where Mira Quell lived",
        "I know no MIRA.",
        "what the Quells did",
        "who Vantreux is",
        "who left Port-Hale",
        "about operation night heron",
        "that the ferry left the harbour without her and nobody else",
    ],
)
def test_nothing_of_what_was_filed(text: str) -> None:
    assert not sayable(["fr_1"], text)


@pytest.mark.parametrize(
    "text", ["where they were born", "who admired that", "what the ferry left the harbour for"]
)
def test_everything_else(text: str) -> None:
    assert sayable(["fr_1"], text)


def test_what_is_forbidden_to_everybody_is_not_said_without_a_match_either() -> None:
    assert not sayable([], "about Operation Night Heron")
    assert sayable([], "about Mira")


def test_what_cannot_be_looked_up_is_not_said() -> None:
    assert not sayable(["fr_1", "fr_2"], "where they were born")
