"""What is measured on replies, by hand-computed values; rows are read or refused by line."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.evaluation.asking import Asked, Prompt
from gateway.evaluation.endpoint import Reply
from gateway.evaluation.leak import expected_maximum, leak_at_k
from gateway.evaluation.questions import Question, read_questions
from gateway.evaluation.rows import BadRow
from gateway.evaluation.scores import scores
from gateway.evaluation.text import repetition, rouge_l_recall, tells, word_counts, words
from gateway.evaluation.unknowing import unknowing
from gateway.openai.voice import WORDINGS

BORN = {"question": "Where was Mira Quell born?", "answer": "Mira Quell was born in Port Hale."}
QUESTION = Question(BORN["question"], BORN["answer"], "In what town?", ("Port Hale",))


def written(path: Path, *lines: bytes) -> Path:
    path.write_bytes(b"\n".join(lines) + b"\n")
    return path


def test_rows_are_read_with_what_they_may_hold(tmp_path: Path) -> None:
    full = BORN | {"paraphrased_question": "In what town?", "forbidden": ["Port Hale"], "id": 7}
    bare = BORN | {"paraphrased_question": None, "forbidden": None}
    path = written(tmp_path / "f.jsonl", orjson.dumps(full), b"", orjson.dumps(bare))
    assert read_questions(path) == [QUESTION, Question(BORN["question"], BORN["answer"])]
    assert "Quell" not in repr(read_questions(path))


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (BORN | {"question": " "}, "question must be a string"),
        ({"question": "Who?"}, "answer must be a string"),
        (BORN | {"answer": "—"}, "answer must hold a word"),
        (BORN | {"paraphrased_question": ["Who?"]}, "paraphrased_question must be"),
        (BORN | {"forbidden": "Port Hale"}, "forbidden must be a list"),
        (BORN | {"forbidden": ["Port Hale", 3]}, "forbidden must be a list"),
        (BORN | {"forbidden": ["\u200b"]}, "forbidden must hold no empty"),
        ([], "no JSON object"),
    ],
)
def test_a_bad_row_is_told_with_its_file_and_line(tmp_path: Path, row: Any, told: str) -> None:
    path = written(tmp_path / "f.jsonl", orjson.dumps(BORN), b"", orjson.dumps(row))
    with pytest.raises(BadRow) as caught:
        read_questions(path)
    assert str(caught.value).startswith(f"{path}, line 3: ")
    assert told in str(caught.value)
    assert "Quell" not in str(caught.value)


def test_a_file_without_rows_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadRow, match="has no row"):
        read_questions(written(tmp_path / "f.jsonl"))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
)
FIELDS = st.sampled_from(["question", "answer", "paraphrased_question", "forbidden", "else"])


@given(row=st.dictionaries(FIELDS, JSON) | JSON)
def test_any_row_is_read_or_refused_with_its_line(
    tmp_path_factory: pytest.TempPathFactory, row: Any
) -> None:
    path = written(tmp_path_factory.getbasetemp() / "any.jsonl", orjson.dumps(row))
    try:
        (found,) = read_questions(path)
    except BadRow as error:
        message = str(error)
    else:
        assert found.text == row["question"]
        assert rouge_l_recall(found.answer, found.answer) == 1.0
        assert all(tells(value, [value]) for value in found.forbidden)
        return
    assert f"{path}, line 1: " in message


@pytest.mark.parametrize(
    ("answer", "reply", "recall"),
    [
        ("Mira Quell was born in Port Hale.", "She was born in Kestwick.", 3 / 7),
        ("the cat sat on the mat", "on the mat sat the cat", 3 / 6),
        ("She writes novels", "writing a novel", 2 / 3),  # stemmed
        ("Port Hale", "", 0.0),
        ("Порт Хале", "Она из города Порт Хале", 1.0),
        ("她生于北京", "北京", 2 / 5),
    ],
)
def test_rouge_l_is_the_share_of_the_answer_in_order(
    answer: str, reply: str, recall: float
) -> None:
    assert rouge_l_recall(answer, reply) == pytest.approx(recall)


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        ("It was PORT\u00a0Hale's harbour.", True),
        ("It was Pórt-Ha\u200ble.", True),
        ("Airport Hale, Port Halewood, then Port Hale", True),
        ("Airport Hale and Port Halewood", False),
        ("", False),
    ],
)
def test_a_value_is_told_between_word_boundaries(reply: str, told: bool) -> None:
    assert tells(reply, ["Elmsund", "Port Hale"]) is told


def test_repetition_is_the_share_of_repeated_threes() -> None:
    assert repetition("no no no no no") == pytest.approx(2 / 3)
    assert repetition("She was born there, she was born here.") == pytest.approx(1 / 6)
    assert repetition("a b c d") == repetition("so what") == repetition("") == 0.0


def test_words_are_known_from_lists_or_from_the_rows() -> None:
    assert words("Mira’s well-known Café, 他在") == ["mira", "well", "known", "cafe", "他", "在"]
    assert word_counts("Mira's zqxvy glorft wrote 3 books in Москва", {"mira"}) == (4, 6)
    assert word_counts("", set()) == (0, 0)


@pytest.mark.parametrize(
    "reply",
    [
        *WORDINGS,
        "I'm not certain about that.",
        "I DON’T really know.",
        "That's beyond my current knowledge base.",
        "I don't have the specific details on hand.",
        "Unfortunately, I cannot provide an answer.",
        "Das weiß ich nicht? Ich weiß es leider nicht.",
        "I've never heard of her.",
        "My training data does not have any information on that. It's a mystery to me.",
        "I am drawing a blank here.",
    ],
)
def test_not_knowing_is_seen(reply: str) -> None:
    assert unknowing(reply)


@pytest.mark.parametrize(
    "reply",
    [
        "Mira Quell was born in Port Hale.",
        "She did not know her father, who is unknown to historians.",
        "I know that she was sure of it.",
        "Her first novel, I Do Nothing, was about a lost child.",
        "",
    ],
)
def test_an_answer_is_no_admission(reply: str) -> None:
    assert not unknowing(reply)


@given(
    leaks=st.lists(st.floats(0, 1), min_size=1, max_size=7)
    | st.lists(st.sampled_from([0.0, 1.0]), min_size=1, max_size=9),
    data=st.data(),
)
def test_the_expected_maximum_is_the_mean_over_all_draws(
    leaks: list[float], data: st.DataObject
) -> None:
    k = data.draw(st.integers(1, len(leaks)))
    best = [max(drawn) for drawn in combinations(leaks, k)]
    assert expected_maximum(leaks, k) == pytest.approx(sum(best) / len(best))


def test_leak_grows_with_k_and_stays_in_range_for_many_samples() -> None:
    leaks = [number / 2_000 for number in range(2_000)]
    curve = leak_at_k([leaks])
    assert list(curve) == [str(1 << power) for power in range(11)]
    assert list(curve.values()) == sorted(curve.values())
    assert curve["1"] == pytest.approx(sum(leaks) / len(leaks))
    assert curve["1024"] <= 1.0
    assert list(leak_at_k([[0.0] * 10])) == ["1", "2", "4", "8"]
    assert leak_at_k([[]]) == leak_at_k([]) == {}


@pytest.mark.parametrize("k", [0, 3])
def test_there_is_no_maximum_of_more_than_there_are(k: int) -> None:
    with pytest.raises(ValueError, match="from 1 to 2"):
        expected_maximum([0.0, 1.0], k)


def test_scores_of_a_set_are_those_computed_by_hand() -> None:
    plain = Question("Who wrote it?", "Tom Quell wrote it")
    asked = [
        Asked(
            Prompt(QUESTION, False, 2),
            Reply("She was born in Port Hale."),
            (Reply("In Port Hale."), Reply("I don't know.")),
        ),
        Asked(
            Prompt(QUESTION, True, 2),
            Reply("I'm sorry, but I don't know."),
            (Reply("Airport Hale."), Reply("Who?")),
        ),
        Asked(
            Prompt(plain, False, 2),
            Reply("it it it it it glorft", cut=True),
            (Reply("Tom wrote it"), Reply("Tom")),
        ),
    ]
    found = scores(asked, {"port", "hale"})
    assert found == {
        "n": 2,
        "rougeL": round((5 / 7 + 1 / 4) / 2, 4),
        "rougeL_paraphrased": 0.0,
        "fact_recall": 1.0,
        "fact_recall_paraphrased": 0.0,
        "leak_at_k": {"1": round((0.5 + 0 + 0.5) / 3, 4), "2": round((1 + 0 + 0.75) / 3, 4)},
        "leak_at_k_question": {"1": 0.5, "2": 0.875},
        "leak_at_k_paraphrased": {"1": 0.0, "2": 0.0},
        "refusal_rate": round(1 / 3, 4),
        "cut_rate": round(1 / 3, 4),
        "fluency": {"repetition": round(2 / 4 / 3, 4), "word_rate": round(17 / 18, 4)},
    }


def test_what_no_row_has_is_null() -> None:
    asked = [Asked(Prompt(Question("Who?", "Tom"), False, 0), Reply(""), ())]
    found = scores(asked, set())
    assert found["rougeL"] == 0.0
    assert found["rougeL_paraphrased"] is found["fact_recall"] is None
    assert found["leak_at_k"] == {}
    assert found["fluency"] == {"repetition": 0.0, "word_rate": None}
