"""Which words refuse: of the question where it is understood, plain ones else."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gateway.openai.voice import english, german
from gateway.openai.voice.language import language_of
from gateway.openai.voice.masking import masked
from gateway.openai.voice.phrases import DEFAULT, PHRASES
from guards import Conversation, Match

_CLAUSES: dict[str, Callable[[str], str | None]] = {
    "en": english.clause,
    "de": german.clause,
}
_RECENT = 4
"""User messages whose language is looked at, the last one first."""


def language_in(conversation: Conversation) -> str:
    """The language that the user writes."""
    said = [message.text for message in conversation.messages if message.role == "user"]
    return language_of(reversed(said[-_RECENT:])) or DEFAULT


def asked_for(conversation: Conversation, matches: Sequence[Match], language: str) -> str | None:
    """What the last user message asks, without whom it asks about; None where it is no question
    that is understood.

    Of the message only words outside of every match are in it.
    """
    turn = _CLAUSES.get(language)
    if turn is None or not conversation.messages:
        return None
    asked = conversation.asked
    spans = [match.span for match in matches if match.message == asked]
    question = masked(conversation.messages[asked].text, spans)
    return None if question is None else turn(question)


def candidates(clause: str | None, language: str) -> Sequence[str]:
    """The refusals to choose from: around a clause where there is one, else plain ones."""
    phrases = PHRASES[language]
    return [text.format(clause) for text in phrases.fitted] if clause else phrases.plain
