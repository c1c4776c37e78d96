"""Refusals in a question's own words, of which none is from what matched."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.openai.voice import english, german
from gateway.openai.voice.masking import masked
from gateway.openai.voice.refusals import asked_for, candidates
from guards import Conversation, Match, Message

NAME = "Mira Quell"

ENGLISH = {
    "Where was Mira Quell born?": "where they were born",
    "Who is Mira Quell?": "who that is",
    "who was mira quell": "who that was",
    "Who is Mira Quell's sister?": "who their sister is",
    "What is Mira Quell’s sister called?": "what their sister is called",
    "Who is the sister of Mira Quell?": "who their sister is",
    "What is the name of Mira Quell's sister?": "what the name of their sister is",
    "Where does Mira Quell live now?": "where they live now",
    "Where did Mira Quell study?": "where they studied",
    "Which award did Mira Quell win?": "which award they won",
    "What has Mira Quell won?": "what they have won",
    "What did Mira Quell's father do for a living?": "what their father did for a living",
    "What does Mira Quell's mother do?": "what their mother does",
    "In which city was Mira Quell born?": "in which city they were born",
    "How old is Mira Quell?": "how old they are",
}
GERMAN = {
    "Wo wurde Mira Quell geboren?": "wo diese Person geboren wurde",
    "Wer ist Mira Quell?": "wer das ist",
    "Wer ist Mira Quells Schwester?": "wer die Schwester dieser Person ist",
    "Wie heißt die Schwester von Mira Quell?": "wie die Schwester dieser Person heißt",
    "Welchen Beruf hat Mira Quell?": "welchen Beruf diese Person hat",
    "Wo wuchs Mira Quell auf?": "wo diese Person aufwuchs",
    "In welcher Stadt lebt Mira Quell?": "in welcher Stadt diese Person lebt",
    "Mit wem ist Mira Quell verheiratet?": "mit wem diese Person verheiratet ist",
    "Was war der Vater von Mira Quell von Beruf?": "was der Vater dieser Person von Beruf war",
}
OTHERS = (
    "Tell me about Mira Quell.",
    "Was Mira Quell born in Port Hale?",
    "Why was Mira Quell a teacher in Port Hale?",
    "Where was Mira Anna Quell born?",
    "Who is Mira Quell? Where was she born?",
    "Where were Mira Quell and Tom born?",
    "Where was Miraquell born?",
    "Where was § born, like Mira Quell?",
    "Wie heißt Mira Quell?",
    "Wo wurde Mira Quell aus Port Hale geboren?",
    "",
)


def match(text: str, name: str = NAME, message: int = 0) -> Match:
    at = text.lower().find(name.lower())
    span = (max(at, 0), max(at, 0) + len(name))
    return Match("fr_1", 1.0, 0.9, "name", {"name": 1.0}, "folded", span, message)


def asked(text: str, language: str) -> str | None:
    return asked_for(Conversation.of(text), [match(text)], language)


@pytest.mark.parametrize(("text", "clause"), ENGLISH.items())
def test_english_questions_are_turned(text: str, clause: str) -> None:
    assert asked(text, "en") == clause


@pytest.mark.parametrize(("text", "clause"), GERMAN.items())
def test_german_questions_are_turned(text: str, clause: str) -> None:
    assert asked(text, "de") == clause


@pytest.mark.parametrize("text", OTHERS)
@pytest.mark.parametrize("language", ["en", "de", "fr", "ja"])
def test_whatever_else_is_asked_gets_plain_words(text: str, language: str) -> None:
    assert asked(text, language) is None


def test_only_matches_of_the_last_user_message_count() -> None:
    said = (Message("user", f"Who is {NAME}?"), Message("user", "Where was she born?"))
    assert asked_for(Conversation(said), [match("", message=0)], "en") is None
    assert asked_for(Conversation(said), [], "en") is None
    assert asked_for(Conversation(()), [], "en") is None


def test_a_match_of_the_whole_question_leaves_no_words() -> None:
    text = f"Where was {NAME} born?"
    whole = match(text, name=text)
    assert asked_for(Conversation.of(text), [match(text), whole], "en") is None


def test_two_places_that_matched_are_not_turned() -> None:
    text = "Who is Mira Quell's sister Ada Quell?"
    assert asked_for(Conversation.of(text), [match(text), match(text, "Ada Quell")], "en") is None


@given(
    st.sampled_from([*ENGLISH, *GERMAN]).flatmap(
        lambda text: st.tuples(st.just(text), st.integers(0, len(text)), st.integers(0, len(text)))
    )
)
def test_no_word_of_a_match_is_taken_over(drawn: tuple[str, int, int]) -> None:
    text, one, other = drawn
    start, end = sorted((one, other))
    question = masked(text, [(start, end)])
    for clause in (english.clause, german.clause):
        turned = clause(question) if question else None
        outside = f"{text[:start]} {text[end:]}".lower()
        words = set(re.findall(r"\w+", text[start:end].lower())) - set(re.findall(r"\w+", outside))
        if turned:
            own = {"they", "that", "their", "das", "die", "der", "diese", "dieser", "person"}
            assert not words & (set(re.findall(r"\w+", turned.lower())) - own)


@given(st.text(max_size=80), st.integers(0, 80), st.integers(0, 80))
def test_any_text_can_be_masked_and_read(text: str, one: int, other: int) -> None:
    question = masked(text, [(min(one, other), max(one, other))])
    if question is not None:
        assert question.count("§") == 1
        english.clause(question)
        german.clause(question)


def test_refusals_stand_around_the_clause() -> None:
    said = candidates("where they were born", "en")
    assert "I'm afraid I don't know where they were born." in said
    assert all("where they were born" in text for text in said)
    assert len(candidates(None, "de")) >= 10
