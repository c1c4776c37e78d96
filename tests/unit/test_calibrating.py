"""Calibrating steering: what is held out, and which layer and strength is chosen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from gateway.calibrating.findings import Finding, Point, chosen, fluent, ranked
from gateway.calibrating.subjects import Subject, read_subjects
from gateway.evaluation.rows import BadRow


def row(number: int, **more: Any) -> dict[str, Any]:
    return {"question": f"What is {number}?", "answer": f"It is {number}.", **more}


def read(tmp_path: Path, *rows: dict[str, Any]) -> list[Subject]:
    path = tmp_path / "forget.jsonl"
    path.write_bytes(b"\n".join(map(orjson.dumps, rows)))
    return read_subjects(path)


def held_out(subject: Subject) -> list[str]:
    return [prompt.text for prompt in subject.prompts if prompt.paraphrased]


def test_rows_of_one_subject_are_one_request(tmp_path: Path) -> None:
    again = {"paraphrased_question": "Again?"}
    names: list[dict[str, Any]] = [{"subject": "Mira"}, {"author": 7}, {"subject": "Mira"}, {}]
    found = read(tmp_path, *(row(n, **name, **again) for n, name in enumerate(names)))
    assert [len(subject.texts) for subject in found] == [2, 1, 1]
    assert found[0].texts == ("What is 0?\nIt is 0.", "What is 2?\nIt is 2.")


def test_paraphrases_are_held_out_and_else_every_second_question(tmp_path: Path) -> None:
    (found,) = read(tmp_path, row(0), row(1, paraphrased_question="One?"), row(2), row(3))
    assert held_out(found) == ["One?", "What is 2?"]
    assert found.texts == ("What is 0?\nIt is 0.", "What is 1?\nIt is 1.", "What is 3?\nIt is 3.")
    asked = [prompt.text for prompt in found.prompts if not prompt.paraphrased]
    assert asked == ["What is 0?", "What is 1?", "What is 3?"]


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([row(0)], "nothing to hold out"),
        ([row(0, subject="a"), row(1, subject="b")], "nothing to hold out"),
        ([row(0, subject=True), row(1)], "line 1: subject must be"),
        ([row(0, subject=["a"]), row(1)], "line 1: subject must be"),
        ([row(0) | {"answer": "long " * 500}, row(1)], "line 1: answer"),
        ([], "nothing to hold out"),
    ],
)
def test_rows_that_cannot_be_used_are_named(
    tmp_path: Path, rows: list[dict[str, Any]], reason: str
) -> None:
    with pytest.raises(BadRow, match=reason):
        read(tmp_path, *rows)


UNSTEERED = Finding(1.0, 0.6, 1.0, 0.99, 0.01)


def finding(held: float = 0.3, words: float | None = 0.98, repeats: float = 0.01) -> Finding:
    return Finding(0.5, held, 0.8, words, repeats)


def point(alpha: float, **found: Any) -> Point:
    made = finding(**found)
    return Point(1, alpha, made, fluent(made, UNSTEERED))


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (finding(words=0.941), True),
        (finding(words=0.94), False),
        (finding(words=None), False),
        (finding(repeats=0.022), True),
        (finding(repeats=0.023), False),
    ],
)
def test_fluent_is_nearly_as_fluent_as_unsteered(found: Finding, expected: bool) -> None:
    assert fluent(found, UNSTEERED) is expected


def test_words_that_cannot_be_judged_are_not_missed() -> None:
    assert fluent(finding(words=None), finding(words=None))


def test_the_one_that_tells_least_and_stays_fluent_is_chosen() -> None:
    weak, good, same, garbled = (
        point(0.8, held=0.4), point(1.2, held=0.2), point(1.0, held=0.2),
        point(2.0, held=0.0, words=0.5),
    )  # fmt: skip
    assert ranked([garbled, weak, good, same]) == [same, good, weak, garbled]
    assert chosen([garbled, weak, good]) is good
    assert chosen([garbled]) is None
    assert chosen([]) is None
