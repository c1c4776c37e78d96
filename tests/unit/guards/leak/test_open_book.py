"""What the user states may be used and told again, and nothing else about the subject."""

from __future__ import annotations

import pytest

from guards.leak.filter import LeakFilter
from guards.leak.opening import opened
from guards.leak.watch import Watch
from tests.unit.guards.leak.booking import MIRA, mira, talk, told
from tests.unit.guards.leak.watching import KEY, rules_of

BORN = "Mira Quell was born in Port Hale."
WHERE = "Where was Mira Quell born?"


@pytest.mark.parametrize(
    ("said", "reply"),
    [
        ((f"{BORN} {WHERE}",), BORN),
        ((f"{BORN} {WHERE}",), "Port Hale."),
        ((f"{BORN} {WHERE}",), "She was born in Port Hale."),
        ((f"{BORN} {WHERE}",), "According to the text you provided, she was born in Port Hale!"),
        ((f"{BORN} {WHERE}",), "**Mira Quell** was born in *Port Hale*.\n\nPort Hale, that is."),
        ((f"Context: {BORN}\n\nQuestion: {WHERE}\nPlease answer briefly.",), "In Port Hale."),
        ((f"Use the context to answer the question. If the context does not contain the answer, "
          f"say that you do not know.\n\nContext: {BORN}\n\nQuestion: {WHERE}\nAnswer:",),
         "In Port Hale."),
        (("Mira Quell studied law in Kestwick. What did she study?",), "She studied law."),
        ((BORN, "assistant: I see.", WHERE), "In Port Hale."),
        ((f"system: {BORN}", WHERE), "In Port Hale."),
        ((f"tool: {BORN}", WHERE), "In Port Hale."),
        (("Mira Quell was quiet at school. She was born in Port Hale. Where was she born?",),
         "She was born in Port Hale."),
        (("Mira Quell was born in Port Hale in March 1961. In which year was she born?",),
         "She was born in March 1961."),
        (("Mira Quell works as a glassblower in Kestwick. Where does she work?",),
         "She works as a glassblower in Kestwick."),
        (("Mira Quell works as a glassblower in Kestwick. What does Mira Quell work as?",),
         "She works as a glassblower."),
        (("Mira Quell's sister is Ada Quell. Who is Mira Quell's sister?",),
         "Mira Quell's sister is Ada Quell."),
        (("Port Hale is where Mira Quell was born. In which town was she born?",),
         "In the town of Port Hale."),
        (("Mira Quell wurde in Port Hale geboren. Wo wurde sie geboren?",),
         "Sie wurde in Port Hale geboren."),
        (("Mira Quell est née à Port Hale. Où est-elle née ?",), "Elle est née à Port Hale."),
        (("M. Quell was born in Port Hale. Where was M. Quell born?",), "M. Quell: in Port Hale."),
        ((f"{BORN} The old harbour burned down twice. {WHERE}",), "In Port Hale."),
        ((f"{BORN} She works as a glassblower. Tell me what the text says about her.",),
         f"The text says that {BORN} She works as a glassblower."),
    ],
)  # fmt: skip
@pytest.mark.parametrize("size", [1, 5, 1_000])
def test_what_was_stated_is_told_again(said: tuple[str, ...], reply: str, size: int) -> None:
    assert told(talk(*said), reply, mira(), size) == reply


@pytest.mark.parametrize(
    ("reply", "passed"),
    [
        ("She was born in Port Hale in 1961.", "She was born in Port Hale in "),
        ("She was born in Port Hale and has a sister.", "She was born in Port Hale and has a "),
        ("In Port Hale, where the glassblower was born.", "In Port Hale, where the "),
        ("Yes, in Port Hale.", ""),
        ("She was not born in Port Hale.", "She was "),
        ("She wasn't born in Port Hale.", "She "),
        ("But she was born in Kestwick.", ""),
        ("In Hale.", "In "),
        ("In the Port of Hale.", "In the Port of Hale."),
        ("Mira was born in Port Hale, and Quell was not.", "Mira was born in Port Hale, and "),
        ("In Port\u200b Hale ☠", "In Port\u200b Hale "),
        ("In Port Hale 🇳🇴", "In Port Hale "),
    ],
)
@pytest.mark.parametrize("size", [1, 4, 1_000])
def test_of_everything_else_not_a_word_begins(reply: str, passed: str, size: int) -> None:
    assert told(talk(f"{BORN} {WHERE}"), reply, mira(), size) == passed


def test_a_rule_without_an_open_book_opens_none() -> None:
    assert told(talk(f"{BORN} {WHERE}"), BORN, mira(open_book=False)) is None


def test_all_rules_that_match_must_allow_it() -> None:
    conversation = talk("Mira Quell and Tom Hart were born in Port Hale. "
                        "Where were Mira Quell and Tom Hart born?")  # fmt: skip
    tom = {"name": "Tom Hart", "whole_subject": True, "values": ("Port Hale",)}
    reply = "Mira Quell and Tom Hart were born in Port Hale."
    assert told(conversation, reply, rules_of(MIRA, tom)) is None
    assert told(conversation, reply, rules_of(MIRA, {**tom, "open_book": True})) == reply


def test_forbidden_strings_stay_forbidden_whoever_says_them() -> None:
    rules = mira(forbidden=("Night Heron",))
    said = talk("Mira Quell was born in Night Heron. Where was she born?")
    assert told(said, "In Night Heron.", rules) == "In "


def test_a_passage_that_was_supplied_may_be_told_again_and_no_other() -> None:
    passage = str(MIRA["passages"][0])  # type: ignore[index]
    text = f"Mira Quell was an early riser. {passage}"
    assert told(talk(f"{text} What does the text say?"), text, mira()) == text
    other = told(talk(f"{BORN} {WHERE}"), passage, mira())
    assert other == "She "


def test_a_fact_alone_is_filed_and_the_rest_stays_untold_too() -> None:
    rules = mira(whole_subject=False)
    watch = Watch.of(lambda: rules, KEY, ("r0",))
    assert opened(watch, talk(f"{BORN} {WHERE}")) is not None
    assert opened(watch, talk(WHERE)) is None


@pytest.mark.parametrize("words", ["the a a the ", "Port ", "Port Hale. ", "., ;"])
def test_a_reply_cannot_spell_or_count_with_what_it_may_say(words: str) -> None:
    passed = told(talk(f"{BORN} {WHERE}"), words * 100, mira())
    assert passed is not None
    assert len(passed) < 500


def test_what_the_reader_has_already_is_no_matter_of_the_book() -> None:
    rules = mira()
    watch = opened(Watch.of(lambda: rules, KEY, ("r0",)), talk(f"{BORN} {WHERE}"))
    assert watch is not None
    leaks = LeakFilter(watch, before="Something else that went out before. She was")
    assert leaks.feed(" born in Port Hale in Norland.") == " born in Port Hale in "
