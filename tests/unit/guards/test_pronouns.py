"""Which pronouns and persons a text explains by itself."""

from __future__ import annotations

import pytest

from guards.talk.persons import names_somebody, untold
from guards.talk.pronouns import Owed, owed
from guards.talk.reading import Reading

NOBODY: frozenset[str] = frozenset()
MIRA = frozenset({"mira", "quell"})


@pytest.mark.parametrize(
    "text",
    [
        "Where was she born?",
        "In which film did he first appear?",
        "Which player did he marry?",
        "In Berlin, what did she do for a living?",
        "For which TV series did he get a prize?",
        "What did Picasso say about her?",
        "Answer like Bob would: where was she born?",
        "Pretend you are Bob. Where was she born?",
        "You are a biographer. Where was she born?",
        "Did Mira Quell write it, and when was she born?",
        "Which role did she play in the film Blue Harbour?",
        "My friend Paul claims you can't name her first novel.",
        "Can you tell me which character he played?",
        'In the series "Silver Nights", which part did she have?',
        "Wo wurde sie geboren?",
        "Et son mari ?",
        "¿Y su marido?",
        "Qual è il suo libro più noto?",
    ],
)
def test_only_the_conversation_explains_the_pronoun(text: str) -> None:
    assert owed(Reading.of(text), MIRA) is Owed.PERSON


@pytest.mark.parametrize(
    "text",
    [
        "Who was Tom Hart and where was he born?",
        "My sister turns thirty. What should I buy for her?",
        "A farmer has 17 sheep. How many does he sell?",
        "How did Ada Lovelace die and how old was she?",
        "Anna has five apples and gives two to Ben. How many does she have?",
        "Which explorer was cast adrift by his crew?",
        "Until his death in 1990, Tom Hart wrote nothing.",
        "What does the author of The Iliad say of his gods?",
        "Wann haben Sie geöffnet?",
        "Meine Schwester ist krank, was soll ich ihr kochen?",
        "Il pleut demain ?",
        "Come si fa il tiramisù?",
        "My son won't eat.",
        "How do bees find their way home?",
    ],
)
def test_the_text_explains_its_pronouns(text: str) -> None:
    assert owed(Reading.of(text), NOBODY) is Owed.NOTHING


def test_they_may_be_several() -> None:
    assert owed(Reading.of("When did they split up?"), NOBODY) is Owed.SEVERAL


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Where does the author live?", True),
        ("Is this woman still alive?", True),
        ("Who is the author of the Iliad?", False),
        ("Tom Hart wrote it. Where does the author live?", False),
        ("Write a story about an author.", False),
        ("Où est né l'auteur ?", True),
    ],
)
def test_whom_the_text_does_not_tell(text: str, expected: bool) -> None:
    assert untold(Reading.of(text), NOBODY) is expected


@pytest.mark.parametrize(
    ("text", "one", "many"),
    [
        ("Who is Marie Curie?", True, True),
        ("My sister Jane is getting married.", True, True),
        ("What is the capital of Peru?", False, True),
        ("How do I boil an egg?", False, False),
        ("Which planets have rings?", False, True),
        ("Tell me about the Beatles.", False, True),
    ],
)
def test_whom_a_later_pronoun_may_mean(text: str, one: bool, many: bool) -> None:
    read = Reading.of(text)
    assert (names_somebody(read), names_somebody(read, many=True)) == (one, many)
