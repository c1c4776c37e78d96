"""From doubts and counts to what becomes of a filing."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.admin.collateral import checked, held, sample_view
from gateway.errors import InvalidRequest
from gateway.registry.filing import Filing
from guards import Match
from guards.collateral import Collateral
from guards.leak.matcher import Leak
from guards.plausible import Doubt

MATCH = Match("fr_1", 1.0, 0.7, "name", {"name": 1.0}, "folded", (0, 4), 0)
DOUBT = Doubt("forbidden", 3, "too_common", "it is common", refused=False)


def touching(prompts: int, replies: int) -> Collateral:
    return Collateral(
        400,
        300,
        tuple((f"prompt {n}", MATCH) for n in range(prompts)),
        tuple((f"reply {n}", Leak("fr_1", "name")) for n in range(replies)),
    )


@pytest.mark.parametrize(
    ("body", "param", "code"),
    [
        ({"subject": {"name": "the"}}, "subject.name", "too_common"),
        ({"subject": {"name": "Mira Quell", "aliases": ["M. Quell", "e"]}}, "subject.aliases.1",
         "too_short"),
        ({"scope": {"forbidden": ["Night Heron", "data"]}}, "scope.forbidden.1", "too_common"),
        ({"scope": {"forbidden": ["Mir*"]}}, "scope.forbidden.0", "pattern"),
        ({"scope": {"questions": ["What is the capital of France?"]}}, "scope.questions.0",
         "too_general"),
        ({"scope": {"facts": [{"statement": "The sky is blue."}]}}, "scope.facts.0.statement",
         "too_general"),
        ({"scope": {"passages": ["All rights reserved. No part of this publication may be."]}},
         "scope.passages.0", "everyday_text"),
    ],
)  # fmt: skip
def test_a_refusal_names_the_field_and_the_way_out(
    body: dict[str, Any], param: str, code: str
) -> None:
    with pytest.raises(InvalidRequest) as refused:
        checked(Filing.model_validate(body))
    error = refused.value
    assert (error.status, error.param, error.code) == (400, param, code)
    assert str(error).startswith(f"{param}: ")


def test_the_ways_out_that_are_told_work() -> None:
    for body in (
        {"subject": {"name": "It by Stephen King"}},
        {"subject": {"name": "Cher"}, "scope": {"whole_subject": False, "questions": [
            "Where did Cherilyn Sarkisian go to school?"]}},
        {"subject": {"name": "data"}, "action": "observe"},
        {"subject": {"name": "Mira Quell"}, "scope": {"facts": [
            {"statement": "Mira Quell lives in London.", "values": ["London", "7"]}]}},
    ):  # fmt: skip
        assert checked(Filing.model_validate(body)) is None


def test_over_the_limit_a_filing_is_held() -> None:
    assert held(touching(8, 6), None, 0.02) is None
    hold = held(touching(9, 0), None, 0.02)
    assert hold is not None
    assert hold.told() == {
        "reason": "collateral", "rate": 0.0225, "replies_rate": 0.0, "limit": 0.02,
    }  # fmt: skip
    hold = held(touching(0, 7), None, 0.02)
    assert hold is not None
    assert hold.told()["replies_rate"] == 0.0233


@pytest.mark.parametrize(("limit", "waits"), [(0.0, True), (1.0, False)])
def test_the_limit_reaches_from_anything_to_nothing(limit: float, waits: bool) -> None:
    assert (held(touching(1, 0), None, limit) is not None) is waits
    assert held(touching(0, 0), None, limit) is None


def test_doubts_about_the_texts_hold_a_filing_too() -> None:
    hold = held(touching(1, 0), DOUBT, 0.02)
    assert hold is not None
    assert (hold.reason, hold.field) == ("too_common", "scope.forbidden.3")
    both = held(touching(50, 0), DOUBT, 0.02)
    assert both is not None
    assert (both.reason, both.field) == ("collateral", "scope.forbidden.3")


def test_the_sample_is_told_with_few_examples() -> None:
    view = sample_view(touching(9, 7))
    assert (view["n"], view["blocked"], view["rate"]) == (400, 9, 0.0225)
    assert (view["replies"]["n"], view["replies"]["stopped"]) == (300, 7)
    assert len(view["examples"]) == len(view["replies"]["examples"]) == 5
    assert view["examples"][0]["text"] == "prompt 0"
