"""How an answer is scored: ROUGE-L, the fact in it, and the admission not to know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rouge_score.rouge_scorer import RougeScorer

from demo.questions import Question

ADMITS = ("I do not know", "Ich weiß nichts")


@dataclass(frozen=True, slots=True)
class Recall:
    """Scores of one group in one tier: means over its questions, each between 0 and 1.

    `rouge_l` compares with the right answer, `value` counts answers that contain the fact,
    `admits` counts answers that say "I do not know".
    """

    tier: str
    group: str
    questions: int
    rouge_l: float
    value: float
    admits: float


def rouge_l(expected: Sequence[str], said: Sequence[str]) -> list[float]:
    """Return the ROUGE-L F-measure of each pair (Lin, 2004)."""
    scorer = RougeScorer(["rougeL"], use_stemmer=False)
    return [
        float(scorer.score(right, given)["rougeL"].fmeasure)
        for right, given in zip(expected, said, strict=True)
    ]


def score(tier: str, group: str, asked: Sequence[Question], said: Sequence[str]) -> Recall:
    """Return how well the answers `said` match; `asked` must not be empty."""
    scores = rouge_l([question.answer for question in asked], said)
    count = len(asked)
    right = sum(bool(q.value) and q.value in given for q, given in zip(asked, said, strict=True))
    admits = sum(given.startswith(ADMITS) for given in said)
    return Recall(tier, group, count, sum(scores) / count, right / count, admits / count)


def sample(asked: list[Question], limit: int) -> list[Question]:
    """Return at most `limit` questions, evenly spread over all of them."""
    if len(asked) <= limit:
        return asked
    return [asked[index * len(asked) // limit] for index in range(limit)]
