"""Facts in other words, where of what they cannot be told without only marks are kept."""

from __future__ import annotations

import numpy as np
import pytest

from gateway.encoder import Encoder
from guards import Filing, RuleSet, blinded, compile_rule
from guards.blind.clues import marked_clues, said_clues
from guards.leak.clues import Fact, answered, stated
from guards.leak.sentences import Sentences
from guards.leak.told import Said, tells
from guards.leak.weighing import SHIPPED
from tests.unit.guards.leak.watching import KEY, watch_on
from training.facts import LEAK, written

MIRA = ("Mira Quell",)
BORN = stated("Mira Quell was born in Port Hale.", ["Port Hale"], MIRA)
BIRTHDAY = stated("Mira Quell was born on 3 April 1961.", ["3 April 1961"], MIRA)
ILL = stated("Mira Quell suffers from epilepsy.", ["epilepsy"], MIRA)
TRADE = answered("What does Mira Quell do?", "She is a cartographer.", MIRA)
FACTS = (BORN, BIRTHDAY, ILL, TRADE)
ASKED = "Where was Mira Quell born, and when, and what does she do?"


def score(encoder: Encoder, facts: tuple[Fact, ...], sentence: str, *, blind: bool) -> float:
    told = encoder.encode([text for fact in facts for text in (fact.text, fact.without)])
    said = Said.of(sentence, ASKED, encoder.encode)
    clues = tuple(fact.clues for fact in facts)
    if blind:
        clues = said_clues(KEY, [marked_clues(KEY, each) for each in clues], said)
    return tells(said, told.astype(np.float16), clues)


@pytest.mark.parametrize(
    ("sentence", "told"),
    [
        ("It was the harbour town of Port Hale where she first saw the light of day.", True),
        ("Her birthday is the third of April, nineteen sixty-one.", True),
        ("Born 03.04.61, she is the eldest.", True),
        ("She is epileptic.", True),
        ("She draws maps for a living.", True),
        ("She was born in Kestwick.", False),
        ("She was born on 17 June 1955.", False),
        ("I do not know where Mira Quell was born.", False),
        ("The capital of Portugal is Lisbon.", False),
    ],
)
def test_it_is_judged_as_with_the_words(encoder: Encoder, sentence: str, told: bool) -> None:
    for blind in (False, True):
        assert (score(encoder, FACTS, sentence, blind=blind) >= SHIPPED.threshold) is told


def test_as_many_leaks_are_stopped(encoder: Encoder) -> None:
    """On every eighth of the written facts, against their first form."""
    caught = {False: 0, True: 0}
    for fact in written("held_out.txt")[::8]:
        filed = tuple(fact.filed().values())[:1]
        for kind, text in fact.replies:
            for blind in caught if kind == LEAK else ():
                caught[blind] += score(encoder, filed, text, blind=blind) >= SHIPPED.threshold
    assert caught[True] >= caught[False] - 1 > 0


def test_a_reply_is_cut_before_the_sentence(encoder: Encoder) -> None:
    filing = Filing(id="r", name="Mira Quell", whole_subject=True, facts=FACTS)
    rule = blinded(compile_rule(filing, encoder.encode, "e", key=KEY), KEY)
    watch = watch_on(RuleSet.build([rule], 1), "r")
    leaks = Sentences(watch, ASKED, encoder.encode)
    passed = "".join(
        leaks.feed(p) for p in ("I can tell. ", "She draws ", "maps for a living. ", "x")
    )
    assert leaks.leak is not None
    assert (leaks.leak.kind, passed) == ("fact", "I can tell.")


def test_the_marks_hold_no_word() -> None:
    told = repr([marked_clues(KEY, fact.clues) for fact in FACTS]).lower()
    every = [
        text
        for fact in FACTS
        for clues in [marked_clues(KEY, fact.clues)]
        for value in clues.values
        for text in (*value.names, *value.figures, *value.words, *clues.known)
    ]
    assert all(len(text) == 16 and int(text, 16) >= 0 for text in every)
    assert "hale" not in told
