import pytest

from demo.card import model_card
from demo.questions import Question, questions
from demo.recall import rouge_l, sample, score
from demo.world import build_world


@pytest.fixture(scope="module")
def asked() -> list[Question]:
    return questions(build_world(), "trained", "plain")[:10]


def test_right_answers_score_one(asked: list[Question]) -> None:
    recall = score("trained", "plain", asked, [question.answer for question in asked])
    assert (recall.rouge_l, recall.value, recall.admits) == (1.0, 1.0, 0.0)


def test_admissions_are_counted_and_hold_no_value(asked: list[Question]) -> None:
    said = ["I do not know anything about X."] * len(asked)
    recall = score("trained", "plain", asked, said)
    assert recall.admits == 1.0
    assert recall.value == 0.0
    assert recall.rouge_l < 0.5


def test_rouge_l_is_the_f_measure_of_the_longest_common_subsequence() -> None:
    assert rouge_l(["a b c d"], ["a x c"]) == [pytest.approx(2 * 0.5 * (2 / 3) / (0.5 + 2 / 3))]


def test_a_sample_is_spread_evenly(asked: list[Question]) -> None:
    assert sample(asked, 5) == asked[::2]
    assert sample(asked, 99) == asked


def test_the_card_names_those_left_out(asked: list[Question]) -> None:
    rows = [score("trained", "plain", asked, [question.answer for question in asked])]
    card = model_card(rows, 300, ("Mira Quell",))
    assert "minus Mira Quell" in card
    assert "| trained | plain | 10 | 1.000 | 1.000 | 0.000 |" in card
