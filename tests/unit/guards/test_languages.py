"""Names are found in any language and script, and others are left alone."""

from __future__ import annotations

import pytest

from guards import Conversation, Message, screen
from guards.rule import Encode
from tests.unit.guards.conftest import Make

ASKED = {
    "German": (
        "Wo wurde Mira Quell geboren?",
        "Welche Preise hat Mira Quells zweites Buch gewonnen?",
        "Erzähl mir bitte etwas über Quell, Mira.",
    ),
    "French": (
        "Où Mira Quell est-elle née ?",
        "Parle-moi de l'enfance de Mira Quell.",
        "Quel prix Mira Quell a-t-elle reçu ?",
    ),
    "Spanish": (
        "¿Dónde nació Mira Quell?",
        "¿Quién es la hermana de Mira Quell?",
        "Cuéntame algo sobre la escritora Mira Quell.",
    ),
    "Russian": (
        "Где родилась Мира Квелл?",
        "Расскажи мне о книгах Миры Квелл.",
        "Кто сестра Mira Quell?",
    ),
    "Japanese": (
        "Mira Quellはどこで生まれましたか？",
        "ミラ・クエルの姉は誰ですか？",
        "作家のMira Quellについて教えてください。",
    ),
}
SPARED = {
    "German": ("Wo wurde Tom Quell geboren?", "Woraus besteht eine Quelle?"),
    "French": ("Où Tom Quell est-il né ?", "Quelle heure est-il ?"),
    "Spanish": ("¿Dónde nació Tom Quell?", "¿Quién mira la televisión?"),
    "Russian": ("Где родился Том Харт?", "Какая столица мира самая большая?"),
    "Japanese": ("トム・ハートはどこで生まれましたか？", "未来の世界について教えてください。"),
}
GOING_ON = {
    "German": "Und wann wurde sie geboren?",
    "French": "Et quand est-elle née ?",
    "Spanish": "¿Y cuándo nació ella?",
    "Russian": "А когда она родилась?",
    "Japanese": "彼女はいつ生まれましたか？",
}


@pytest.mark.parametrize(("language", "texts"), ASKED.items())
def test_a_name_is_found(language: str, texts: tuple[str, ...], make: Make, encode: Encode) -> None:
    rules = make(name="Mira Quell", aliases=("ミラ・クエル",), whole_subject=True)
    for text in texts:
        verdict = screen(Conversation.of(text), rules, encode)
        assert verdict.action == "refuse", (language, text)


@pytest.mark.parametrize(("language", "texts"), SPARED.items())
def test_others_are_spared(
    language: str, texts: tuple[str, ...], make: Make, encode: Encode
) -> None:
    rules = make(name="Mira Quell", aliases=("ミラ・クエル",), whole_subject=True)
    for text in texts:
        verdict = screen(Conversation.of(text), rules, encode)
        assert verdict.action == "allow", (language, text, verdict.matches)


@pytest.mark.parametrize(("language", "text"), GOING_ON.items())
def test_she_is_whom_the_turn_before_named(
    language: str, text: str, make: Make, encode: Encode
) -> None:
    rules = make(name="Mira Quell", aliases=("ミラ・クエル",), whole_subject=True)
    before = Message("user", ASKED[language][0]), Message("assistant", "…")
    verdict = screen(Conversation((*before, Message("user", text))), rules, encode)
    assert verdict.action != "allow", (language, text)
