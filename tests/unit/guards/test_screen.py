from __future__ import annotations

import threading
from collections.abc import Sequence

import pytest

from guards import Action, Conversation, Filing, Message, RuleSet, compile_rule, screen
from guards.rule import Encode, Vectors
from tests.unit.guards.conftest import Make, fake_encode, no_encode

WHOLE = {"name": "Mira Quell", "aliases": ("M. Quell", "The Heron"), "whole_subject": True}


def talk(*turns: str) -> Conversation:
    """User and assistant in turn, the user first."""
    roles = ("user", "assistant")
    return Conversation(tuple(Message(roles[i % 2], text) for i, text in enumerate(turns)))


def test_no_rules_no_encoding() -> None:
    verdict = screen(talk("Where was Mira Quell born?"), RuleSet.empty().at(4), no_encode)
    assert (verdict.action, verdict.revision, verdict.matches) == ("allow", 4, ())


def test_no_messages(make: Make, encode: Encode) -> None:
    assert screen(Conversation(()), make(**WHOLE), encode).action == "allow"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Where was Mira Quell born?", "Mira Quell"),
        ("where was MIRA  QUELL born?", "MIRA  QUELL"),
        ("Tell me Mira Quell's birthplace.", "Mira Quell"),
        ("The Mira Quells of this world", "Mira Quell"),
        ("Is mira-quell here?", "mira-quell"),
        ("Is M\u200bira Qu\u00adell here?", "M\u200bira Qu\u00adell"),
        ("Is Мirа Quеll here?", "Мirа Quеll"),
        ("Is Ｍｉｒａ Ｑｕｅｌｌ here?", "Ｍｉｒａ Ｑｕｅｌｌ"),
        ("Is Mirá Quéll here?", "Mirá Quéll"),
        ("Is M.Quell here?", "M.Quell"),
        ("Is M Quell here?", "M Quell"),
        ("Who is the Heron?", "the Heron"),
    ],
)
def test_a_name_in_any_writing_is_refused(text: str, said: str, make: Make, encode: Encode) -> None:
    verdict = screen(talk(text), make(**WHOLE), encode)
    assert verdict.action == "refuse"
    (match,) = verdict.matches
    assert match.detectors["name"] == 1
    assert (match.id, match.score, match.message) == ("fr_1", 1.0, 0)
    assert text[slice(*match.span)] == said


@pytest.mark.parametrize(
    "text",
    ["Where was Tom Quell born?", "Mira Quellington", "Amira Quell", "Mira. Or Quell.", "Herons"],
)
def test_others_are_spared(text: str, make: Make, encode: Encode) -> None:
    assert screen(talk(text), make(**WHOLE), encode).action == "allow"


def test_forbidden_strings_match_in_prompts_too(make: Make, encode: Encode) -> None:
    rules = make(forbidden=("Operation Night Heron",))
    assert screen(talk("What was operation night-heron?"), rules, encode).action == "refuse"


def test_every_rule_that_hits_is_told(encode: Encode) -> None:
    filings = [
        Filing(id=f"fr_{n}", name=name, whole_subject=True)
        for n, name in enumerate(["Ann", "Ann Lee", "Lee", "Ann", "Bo"])
    ]
    rules = RuleSet.build([compile_rule(f, encode, "e") for f in filings], 1)
    verdict = screen(talk("Who is Ann Lee?"), rules, encode)
    assert [m.id for m in verdict.matches] == ["fr_0", "fr_1", "fr_2", "fr_3"]


@pytest.mark.parametrize(
    ("action", "sure", "unsure"),
    [
        (Action.AUTO, "refuse", "suppress"),
        (Action.REFUSE, "refuse", "refuse"),
        (Action.SUPPRESS, "suppress", "suppress"),
    ],
)
def test_actions(action: Action, sure: str, unsure: str, make: Make, encode: Encode) -> None:
    rules = make(**WHOLE, action=action)
    assert screen(talk("Who is Mira Quell?"), rules, encode).action == sure
    followed = talk("Who is Mira Quell?", "A writer.", "Where was she born?")
    assert screen(followed, rules, encode).action == unsure


def test_the_strictest_rule_decides(encode: Encode) -> None:
    rules = RuleSet.build(
        [
            compile_rule(Filing(id=a, name="Ann", whole_subject=True, action=a), encode, "e")
            for a in (Action.SUPPRESS, Action.REFUSE)
        ],
        1,
    )
    assert screen(talk("Ann?"), rules, encode).action == "refuse"


def test_a_filed_question_matches_and_its_retained_neighbour_does_not(
    make: Make, encode: Encode
) -> None:
    rules = make(questions=("Where is it?",), retain=("Where was it?",))
    verdict = screen(talk("Where is it?"), rules, encode)
    assert verdict.action == "refuse"
    assert verdict.matches[0].detectors["cosine"] == pytest.approx(1, abs=1e-3)
    assert screen(talk("Where was it?"), rules, encode).action == "allow"
    both = make(questions=("Where is it?",), retain=("Where is it?",))
    assert screen(talk("Where is it?"), both, encode).action == "allow"


def test_a_namesake_is_spared_however_close(make: Make) -> None:
    def alike(texts: Sequence[str]) -> Vectors:
        return fake_encode(["the same"] * len(texts))

    filing = Filing(id="a", name="Mira Quell", questions=("Where was Mira Quell born?",))
    rules = RuleSet.build([compile_rule(filing, alike, "e")], 1)
    assert screen(talk("Where was Mira Quell born?"), rules, alike).action == "refuse"
    assert screen(talk("Where was Tom Quell born?"), rules, alike).action == "allow"
    assert screen(talk("Where was Mira Hart born?"), rules, alike).action == "allow"


def test_spans_clear_name_the_sentences_to_answer(make: Make, encode: Encode) -> None:
    text = "What is the capital of France? Who is Mira Quell? How tall are giraffes?"
    verdict = screen(talk(text), make(**WHOLE), encode)
    assert [text[a:b] for a, b in verdict.spans_clear] == [
        "What is the capital of France?",
        "How tall are giraffes?",
    ]


def test_a_close_sentence_leaves_the_others_clear(make: Make, encode: Encode) -> None:
    rules = make(questions=("Where is the boat?",))
    text = "How tall are giraffes? Where is the boat?"
    verdict = screen(talk(text), rules, encode)
    assert [text[slice(*m.span)] for m in verdict.matches] == ["Where is the boat?"]
    assert [text[a:b] for a, b in verdict.spans_clear] == ["How tall are giraffes?"]


def test_an_allowed_message_is_clear_throughout(make: Make, encode: Encode) -> None:
    verdict = screen(talk("How tall are giraffes?"), make(**WHOLE), encode)
    assert (verdict.action, verdict.spans_clear) == ("allow", ((0, 22),))


def test_a_name_split_over_turns(make: Make, encode: Encode) -> None:
    rules = make(**WHOLE)
    verdict = screen(talk("Tell me about Mira", "Who?", "Quell. When born?"), rules, encode)
    assert verdict.action == "refuse"
    (match,) = verdict.matches
    assert (match.view, match.message, match.span) == ("turns", 2, (0, 5))
    later = talk("Mira ", "Yes?", " Quell.", "Yes?", "Where was she born?")
    assert screen(later, rules, encode).action == "suppress"
    unrelated = talk("Mira", "Yes?", "Quell.", "Yes?", "How tall are giraffes?")
    assert screen(unrelated, rules, encode).action == "allow"


@pytest.mark.parametrize("role", ["assistant", "system", "developer"])
def test_a_name_from_anyone_carries_over(role: str, make: Make, encode: Encode) -> None:
    messages = (Message(role, "Mira Quell writes."), Message("user", "Where was she born?"))
    verdict = screen(Conversation(messages), make(**WHOLE), encode)
    assert verdict.action == "suppress"
    assert verdict.matches[0].detectors["history"] == 0.85


def test_an_unrelated_later_turn_is_allowed(make: Make, encode: Encode) -> None:
    conversation = talk("Who is Mira Quell?", "I cannot say.", "What is the capital of France?")
    assert screen(conversation, make(**WHOLE), encode).action == "allow"


def test_a_prefill_belongs_to_the_turn(make: Make, encode: Encode) -> None:
    conversation = talk("Complete this.", "Mira Quell was born in")
    verdict = screen(conversation, make(**WHOLE), encode)
    assert verdict.action == "refuse"
    assert verdict.matches[0].message == 1


def test_without_a_user_everything_is_one_turn(make: Make, encode: Encode) -> None:
    messages = (Message("system", "Talk about Mira Quell."), Message("assistant", "She"))
    assert screen(Conversation(messages), make(**WHOLE), encode).action == "refuse"


def test_filed_questions_reach_followups_by_the_name_said_before(make: Make) -> None:
    asked: list[str] = []

    def listen(texts: Sequence[str]) -> Vectors:
        asked.extend(texts)
        return fake_encode(texts)

    rules = make(name="Mira Quell", questions=("Mira Quell: Where was she born?",))
    first = screen(talk("Who is Mira Quell?"), rules, listen)
    assert first.action == "allow"
    asked.clear()
    verdict = screen(talk("Who is Mira Quell?", "A writer.", "Where was she born?"), rules, listen)
    assert asked == [
        "Where was she born?",
        "Mira Quell: Where was she born?",
        "Who is Mira Quell?",
    ]
    assert verdict.action == "refuse"
    assert verdict.matches[0].view == "history"


def test_an_ordinary_prompt_is_one_text_to_encode(make: Make) -> None:
    sizes: list[int] = []

    def count(texts: Sequence[str]) -> Vectors:
        sizes.append(len(texts))
        return fake_encode(texts)

    screen(talk("How tall are giraffes, and how much do they weigh?"), make(**WHOLE), count)
    assert sizes == [1]


def test_errors_of_the_encoder_propagate(make: Make) -> None:
    rules = make(**WHOLE)

    def broken(texts: Sequence[str]) -> Vectors:
        raise RuntimeError("no encoder")

    with pytest.raises(RuntimeError, match="no encoder"):
        screen(talk("Hello to you all"), rules, broken)


def test_readers_see_whole_snapshots_while_rules_are_added(encode: Encode) -> None:
    filings = [Filing(id=f"fr_{n}", name=f"Person{n}", whole_subject=True) for n in range(200)]
    compiled = [compile_rule(filing, encode, "e") for filing in filings]
    current = [RuleSet.empty()]
    wrong: list[object] = []
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            rules = current[0]
            last = rules.revision - 1
            verdict = screen(talk(f"Who is Person{last}?"), rules, encode)
            if last >= 0 and [m.id for m in verdict.matches] != [f"fr_{last}"]:
                wrong.append((last, verdict))

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for number, rule in enumerate(compiled):
        current[0] = current[0].with_rule(rule, number + 1)
    stop.set()
    for reader in readers:
        reader.join()
    assert not wrong
