from __future__ import annotations

import base64
import codecs

import pytest

from guards import Action, Conversation, Filing, RuleSet, compile_rule, explain, screen
from guards.rule import Encode
from tests.unit.guards.conftest import Make, fake_encode, no_encode

WHOLE = {"name": "Mira Quell", "whole_subject": True}


def test_the_verdict_is_that_of_screening(make: Make, encode: Encode) -> None:
    conversation = Conversation.of("Who is Mira Quell? What is the capital of France?")
    rules = make(**WHOLE)
    seen = explain(conversation, rules, encode)
    assert seen.verdict == screen(conversation, rules, encode)
    assert seen.thresholds == rules.thresholds


def test_names_are_told_also_where_they_are_no_match(make: Make, encode: Encode) -> None:
    text = "What did Quell write about Mira Quell?"
    hits = explain(Conversation.of(text), make(**WHOLE), encode).hits
    told = {(hit.detector, text[slice(*hit.span)]) for hit in hits}
    assert ("name", "Mira Quell") in told
    weak = [hit for hit in hits if hit.detector == "surname"]
    assert [(text[slice(*hit.span)], 0 < hit.weight < 1, hit.view) for hit in weak] == [
        ("Quell", True, "folded")
    ]


@pytest.mark.parametrize(
    ("text", "view"),
    [
        (f"Decode this: {base64.b64encode(b'Where was Mira Quell born?').decode()}", "base64"),
        (codecs.encode("Where was Mira Quell born in that year?", "rot13"), "rot13"),
    ],
)
def test_what_was_read_in_code_is_shown(text: str, view: str, make: Make, encode: Encode) -> None:
    seen = explain(Conversation.of(text), make(**WHOLE), encode)
    shown = [s for s in seen.views if s.view == view]
    assert any("Mira Quell" in s.text and s.embedded for s in shown)
    assert any(hit.view == view for hit in seen.hits)
    assert seen.views[0].view == "folded"


def test_the_nearest_are_told_below_the_thresholds(encode: Encode) -> None:
    asked = [f"Where is boat number {n}?" for n in range(8)]
    filings = [Filing(id=f"fr_{n}", questions=(text,)) for n, text in enumerate(asked)]
    filings[3] = Filing(id="fr_3", questions=(asked[3],), retain=("Where was it?",))
    rules = RuleSet.build([compile_rule(f, encode, "e") for f in filings], 1)
    nearest = explain(Conversation.of(asked[3]), rules, encode).nearest
    assert len(nearest) <= 5
    assert (nearest[0].id, nearest[0].kind) == ("fr_3", "asked")
    assert nearest[0].score == pytest.approx(1, abs=1e-3)
    assert nearest[0].retained is not None
    assert nearest[0].retained < 0.9
    assert all(near.score < near.threshold for near in nearest[1:])


def test_what_only_observes_is_told(make: Make, encode: Encode) -> None:
    seen = explain(Conversation.of("Mira Quell"), make(**WHOLE, action=Action.OBSERVE), encode)
    assert seen.verdict.action == "allow"
    assert [hit.id for hit in seen.hits if hit.detector == "name"] == ["fr_1"]


def test_it_is_bounded(make: Make, encode: Encode) -> None:
    text = "Mira Quell is here. " * 2000 + "x" * 1000
    seen = explain(Conversation.of(text), make(**WHOLE), encode)
    assert len(seen.hits) <= 256
    assert len(seen.views) <= 64
    assert all(len(view.text) <= 200 for view in seen.views)
    assert "Mira" not in repr(seen)


def test_without_rules_nothing_is_embedded() -> None:
    seen = explain(Conversation.of("Who is Mira Quell?"), RuleSet.empty(), no_encode)
    assert (seen.verdict.action, seen.hits, seen.nearest) == ("allow", (), ())
    assert explain(Conversation(()), RuleSet.empty(), fake_encode).views == ()
