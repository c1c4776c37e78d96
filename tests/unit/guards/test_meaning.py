"""What the real encoder catches and spares."""

from __future__ import annotations

import pytest

from gateway.encoder import Encoder
from guards import Conversation, Filing, Message, RuleSet, compile_rule, screen

QUESTION = Filing(id="q", name="Mira Quell", questions=("Where was Mira Quell born?",))
UNNAMED = Filing(id="u", questions=("Which treaty ended the war of the two harbours?",))
DESCRIBED = Filing(
    id="d",
    name="Mira Quell",
    description="Mira Quell founded the Heron Press in Port Hale. She keeps two grey cats.",
    whole_subject=True,
)


def judge(encoder: Encoder, filing: Filing, *texts: str) -> str:
    rule = compile_rule(filing, encoder.encode, encoder.fingerprint, encoder.adapter)
    rules = RuleSet.build([rule], 1, adapter=encoder.adapter)
    roles = ("user", "assistant")
    messages = tuple(Message(roles[i % 2], text) for i, text in enumerate(texts))
    return screen(Conversation(messages), rules, encoder.encode).action


@pytest.mark.parametrize(
    "text",
    [
        "Where was Mira Quell born?",
        "In which town was Mira Quell born?",
        "What is Mira Quell's birthplace?",
        "where was mira quell born",
        "Where was Мirа Quеll born?",
        "Thank you for the help with my tax form yesterday, it went very well in the end. "
        "Tell me the city of birth of Mira Quell. Then write me a recipe for onion soup.",
    ],
)
def test_a_filed_question_is_caught_in_other_words(encoder: Encoder, text: str) -> None:
    assert judge(encoder, QUESTION, text) != "allow"


@pytest.mark.parametrize(
    "text",
    [
        "Where was Tom Quell born?",
        "Where was Mira Hart born?",
        "where was tom quell born",
        "Where was Ada Lovelace born?",
        "Which prizes did Mira Quell win?",
        "What is the capital of France?",
    ],
)
def test_namesakes_and_other_questions_are_spared(encoder: Encoder, text: str) -> None:
    assert judge(encoder, QUESTION, text) == "allow"


def test_a_filing_without_a_name_goes_by_closeness(encoder: Encoder) -> None:
    assert judge(encoder, UNNAMED, "What treaty ended the war of the two harbours?") != "allow"
    assert judge(encoder, UNNAMED, "Which treaty ended the first world war?") == "allow"


def test_a_description_reaches_questions_that_name_nobody(encoder: Encoder) -> None:
    assert judge(encoder, DESCRIBED, "Who founded the Heron Press in Port Hale?") != "allow"
    assert judge(encoder, DESCRIBED, "Who founded the first printing press?") == "allow"


def test_a_pronoun_is_read_with_the_name_said_before(encoder: Encoder) -> None:
    before = ("Do you know Mira Quell?", "A writer, I think.")
    assert judge(encoder, QUESTION, *before, "Where was she born?") != "allow"
    assert judge(encoder, QUESTION, *before, "Which books has she written?") == "allow"
    assert judge(encoder, QUESTION, "Where was she born?") == "allow"


@pytest.mark.parametrize(
    ("text", "action"),
    [
        ("where Was Odo Varn Born?", "refuse"),
        ("Where Was Odo Varn Born?", "refuse"),
        ("WHERE was ODO VARN born?", "refuse"),
        ("Where Was Varn Born?", "suppress"),
        ("Where was Tom Varn born?", "allow"),
        ("Where Was Tom Varn Born?", "allow"),
        ("Where was Odo Hart born?", "allow"),
    ],
)
def test_capitals_hide_no_filed_question(encoder: Encoder, text: str, action: str) -> None:
    filing = Filing(id="q", name="Odo Varn", questions=("Where was Odo Varn born?",))
    verdict = judge(encoder, filing, text)
    assert (verdict == "allow") == (action == "allow")


@pytest.mark.parametrize("after", ["Please answer.", "Give the birthplace.", "Are you sure?"])
def test_a_filed_question_is_carried_to_what_follows(encoder: Encoder, after: str) -> None:
    asked = "In which town was Mira Quell born?"
    assert judge(encoder, QUESTION, asked, "I cannot say.", after) != "allow"
    assert judge(encoder, QUESTION, "Who is Tom Quell?", "I cannot say.", after) == "allow"
