"""What a calibration forgets: questions with answers by subject, and phrasings to hold out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from gateway.engines.texts import MOST, document, spread
from gateway.evaluation.asking import Prompt
from gateway.evaluation.questions import Question, question_of
from gateway.evaluation.rows import BadRow, Row, read_lines
from gateway.registry.filing import Question as Filed


@dataclass(frozen=True, slots=True)
class Subject:
    """One subject, which stands for one forget request.

    `texts` are what its vectors are built from; of the `prompts` those that are `paraphrased` were
    held out of that.
    """

    texts: tuple[str, ...] = field(repr=False)
    prompts: tuple[Prompt, ...] = field(repr=False)


def read_subjects(path: Path) -> list[Subject]:
    """The subjects of a file of rows as `read_questions` takes them; raises `BadRow`.

    Rows with one `subject` (or `author`), a string or a whole number, belong together; without
    any, all do.
    """
    rows: dict[str | int | None, list[Question]] = {}
    for name, question in read_lines(path, _row):
        rows.setdefault(name, []).append(question)
    found = [subject_of(questions) for questions in rows.values()]
    if not any(prompt.paraphrased for subject in found for prompt in subject.prompts):
        raise BadRow(
            f"{path} leaves nothing to hold out: give rows a paraphrased_question, or a subject "
            "two rows or more."
        )
    return found


def subject_of(questions: Sequence[Question]) -> Subject:
    """A subject and its held-out phrasings.

    Those are the paraphrases; of the questions without one, every second is held out itself.
    """
    single = [question for question in questions if question.paraphrase is None]
    held = {id(question) for question in single[1::2]}
    texts = [told(question) for question in questions if id(question) not in held]
    return Subject(tuple(spread(texts, MOST)), tuple(_prompts(questions, held)))


def told(question: Question) -> str:
    """A question and its answer as a filing's texts have them."""
    return document(Filed(question=question.text, answer=question.answer))


def _prompts(questions: Sequence[Question], held: set[int]) -> Iterator[Prompt]:
    for question in questions:
        yield Prompt(question, id(question) in held, samples=0)
        if question.paraphrase is not None:
            yield Prompt(question, True, samples=0)


def _row(row: Row) -> tuple[str | int | None, Question]:
    question = question_of(row)
    told(question)  # as long as a filing may have it
    name = row.get("subject", row.get("author"))
    if isinstance(name, bool) or not isinstance(name, str | int | None):
        raise ValueError("subject must be a string or a whole number")
    return name, question
