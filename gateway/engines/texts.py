"""What is sent through a model so that it shows what it thinks of a subject."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from gateway.registry.filing import Filing, Question
from guards.text.segment import readable, slices

T = TypeVar("T")

MOST = 64
"""Texts of one filing, and as many of what is retained, that are sent: each is a prompt's work."""

ENOUGH = 8
"""Retain examples of a filing from which on they alone are what its subject is told apart from.
They are texts of the same kind; ordinary prompts among them blur that, at the cost of fluency."""

_ASKED = (
    "Who is {name}?",
    "Tell me about {name}.",
    "What is {name} known for?",
    "What is the story of {name}?",
    "Where does {name} come from?",
    "When and where did {name} begin?",
    "What has {name} done?",
    "Describe {name} in a few sentences.",
)


def has_texts(filing: Filing) -> bool:
    """Whether `forget_texts` gives any, told without cutting them up: chats ask this."""
    scope, subject = filing.scope, filing.subject
    told = subject.name or subject.description
    return bool(scope.questions or scope.facts or scope.passages or (filing.whole_subject and told))


def forget_texts(filing: Filing) -> list[str]:
    """The texts that tell a model's thoughts of what is to be forgotten; may be empty.

    Questions with their answers as "question, new line, answer" (GUARD-IT, arXiv 2605.12765),
    statements, passages, the description. Where there are none, or too few to average over,
    questions about the name as well.
    """
    scope, subject = filing.scope, filing.subject
    described = (subject.description or "",) if filing.whole_subject else ()
    told = [
        readable(text[start:end])
        for text in (*scope.passages, *described)
        for start, end in slices(text)
    ]
    texts = [
        *map(document, scope.questions),
        *(fact.statement for fact in scope.facts),
        *told,
    ]
    if subject.name and filing.whole_subject and len(texts) < len(_ASKED):
        texts += asked_about(subject.name)
    return spread(list(dict.fromkeys(texts)), MOST)


def asked_about(name: str) -> list[str]:
    """Questions about a subject of which only the name is known."""
    return [template.format(name=name) for template in _ASKED]


def document(question: Question) -> str:
    """A question and its answer, where it has one, as one text."""
    return f"{question.question}\n{question.answer}" if question.answer else question.question


def spread(texts: Sequence[T], most: int) -> list[T]:
    """At most so many of the texts, spread over all of them."""
    step = max(1.0, len(texts) / most)
    return [texts[int(number * step)] for number in range(min(len(texts), most))]
