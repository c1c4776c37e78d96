"""What `lethe eval forgetting` asks: questions, their true answers and what must not be told."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from folding import fold
from gateway.evaluation.rows import BadRow, Row, read_lines
from gateway.evaluation.text import rouge_words


@dataclass(frozen=True, slots=True)
class Question:
    """A question, put in one or two ways.

    `answer` is the true one; a reply that holds one of `forbidden` tells the fact.
    """

    text: str = field(repr=False)
    answer: str = field(repr=False)
    paraphrase: str | None = field(default=None, repr=False)
    forbidden: tuple[str, ...] = field(default=(), repr=False)

    @property
    def texts(self) -> tuple[str, ...]:
        """All that the row says, for words that replies may well use."""
        return (self.text, self.answer, self.paraphrase or "", *self.forbidden)


def read_questions(path: Path) -> list[Question]:
    """The questions of a file, in order; raises `BadRow`, also when there are none."""
    found = list(read_lines(path, question_of))
    if not found:
        raise BadRow(f"{path} has no row; write one question and its answer a line.")
    return found


def question_of(row: Row) -> Question:
    """The question of a row; raises `ValueError`."""
    text, answer = _said(row, "question"), _said(row, "answer")
    if not rouge_words(answer):
        raise ValueError("answer must hold a word or a number: replies are compared with it")
    paraphrased = row.get("paraphrased_question")
    paraphrase = None if paraphrased is None else _said(row, "paraphrased_question")
    return Question(text, answer, paraphrase, _forbidden(row))


def _said(row: Row, name: str) -> str:
    value = row.get(name)
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{name} must be a string that is not empty")
    return value


def _forbidden(row: Row) -> tuple[str, ...]:
    values = row.get("forbidden")
    if values is None:
        return ()
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise ValueError("forbidden must be a list of strings")
    if not all(fold(value).text.strip() for value in values):
        raise ValueError("forbidden must hold no empty string")
    return tuple(values)
