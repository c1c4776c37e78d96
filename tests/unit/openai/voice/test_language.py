"""German asked, German answered; unsure, nothing is claimed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.openai.voice import language_of
from gateway.openai.voice.phrases import PHRASES
from gateway.openai.voice.refusals import language_in
from guards import Conversation, Message

ASKED = {
    "en": "Who is Mira Quell?|Where was Mira Quell born?|Tell me about Mira Quell.|What's her job?",
    "de": "Wer ist Mira Quell?|Wo wurde Mira Quell geboren?|Nenne mir den Beruf von Mira Quell.|"
    "Geburtsort von Mira Quell|Mit wem ist Mira Quell verheiratet?|Erzähl mir von Mira Quell.",
    "fr": "Qui est Mira Quell ?|Où est née Mira Quell ?|Parle-moi de Mira Quell.",
    "es": "¿Quién es Mira Quell?|¿Dónde nació Mira Quell?|Háblame de Mira Quell.",
    "it": "Chi è Mira Quell?|Dove è nata Mira Quell?|Qual è il lavoro di Mira Quell?",
    "pt": "Quem é Mira Quell?|Onde nasceu Mira Quell?|Fale sobre Mira Quell.",
    "nl": "Wie is Mira Quell?|Waar werd Mira Quell geboren?|Vertel me over Mira Quell.",
    "pl": "Kim jest Mira Quell?|Gdzie urodziła się Mira Quell?",
    "ru": "Кто такая Мира Квелл?|Где родилась Mira Quell?",
    "ja": "ミラ・クエルは誰ですか？|Mira Quellはどこで生まれましたか？",
    "zh": "米拉·奎尔是谁？|Mira Quell在哪里出生？",
}


@pytest.mark.parametrize(
    ("language", "text"), [(key, text) for key, all_ in ASKED.items() for text in all_.split("|")]
)
def test_the_language_of_short_questions(language: str, text: str) -> None:
    assert language_of([text]) == language


@pytest.mark.parametrize("text", ["", "Mira Quell?", "1 + 1", "Хто така Міра Квелл?", "hmm"])
def test_unsure_is_no_language(text: str) -> None:
    assert language_of([text]) is None


def test_an_unsure_message_follows_those_before() -> None:
    said = (
        Message("system", "You are a helpful assistant and answer in the best way."),
        Message("user", "Wer ist Mira Quell?"),
        Message("assistant", "Who is that?"),
        Message("user", "Mira Quell!"),
    )
    assert language_in(Conversation(said)) == "de"
    assert language_in(Conversation(said[-1:])) == "en"
    assert language_in(Conversation((*said, Message("user", "Where was she born?")))) == "en"


@given(st.text(max_size=300))
def test_any_text_has_a_language_that_can_be_spoken_or_none(text: str) -> None:
    assert language_of([text]) in {*PHRASES, None}
