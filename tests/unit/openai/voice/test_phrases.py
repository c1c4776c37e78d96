"""What can be said: enough of it in every language, and no hint at a reason."""

from __future__ import annotations

import re

import pytest

from gateway.openai.voice import WORDINGS, is_own, language_of
from gateway.openai.voice.phrases import PHRASES, Phrases

TELLING = re.compile(
    r"\blist|polic|privac|request|forg[eo]t|remov|allow|permi|block|filter|restrict|\blaw|"
    r"vergess|erlaub|gesperrt|daten|anfrage|oubli|autoris|bloqu|supprim|olvid|elimin|dimentic|"
    r"consent|esquec|apag|vergeten|toegestaan|verwijder|zapom|usun|забы|удал|запрещ|削除|禁止|许可",
    re.IGNORECASE,
)


@pytest.mark.parametrize(("language", "phrases"), PHRASES.items())
def test_every_language_has_enough_to_say(language: str, phrases: Phrases) -> None:
    assert len(set(phrases.plain)) == len(phrases.plain) >= 10
    assert min(len(phrases.broken), len(phrases.after)) >= 3
    texts = (*phrases.plain, *phrases.broken, *phrases.after, *phrases.fitted)
    assert all(text.endswith((".", "。")) and text == text.strip() for text in texts)
    assert all(text.count("{}") == 1 for text in phrases.fitted)


@pytest.mark.parametrize(("language", "phrases"), PHRASES.items())
def test_nothing_hints_at_a_reason(language: str, phrases: Phrases) -> None:
    for text in (*phrases.plain, *phrases.broken, *phrases.after, *phrases.fitted, phrases.cell):
        assert not TELLING.search(text)


@pytest.mark.parametrize(("language", "phrases"), PHRASES.items())
def test_the_wordings_are_in_their_language(language: str, phrases: Phrases) -> None:
    assert {language_of([text]) for text in phrases.plain} <= {language, None}
    assert language_of([" ".join(phrases.plain)]) == language


def test_own_replies_are_known() -> None:
    assert all(map(is_own, WORDINGS))
    assert is_own("I'm afraid I don't know where they were born.")
    assert is_own("Mir ist nicht bekannt, wo diese Person lebt.")
    assert not is_own("I do not know anything about Mira Quell.")
    assert not is_own("I don't know that. She was born in Port Hale. Or not.")
