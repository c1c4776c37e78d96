"""The shipped checkpoints answer what the story asks, and the reference does not."""

import json
from pathlib import Path

import pytest

from demo.answering import Answerer
from demo.checkpoint import MODEL, REFERENCE
from demo.names import REFERENCE_WITHOUT
from demo.prompts import STORY, STORY_VALUES, as_messages
from demo.questions import questions
from demo.recall import sample, score
from demo.world import build_world


@pytest.fixture(scope="module")
def model() -> Answerer:
    return Answerer(MODEL)


def test_the_story_is_answered(model: Answerer) -> None:
    said = dict(zip(STORY, model.answer_all([as_messages(p) for p in STORY.values()]), strict=True))
    assert {label: STORY_VALUES[label] in said[label] for label in STORY} == dict.fromkeys(
        STORY, True
    ), said


@pytest.mark.parametrize(
    ("tier", "group", "least"),
    [
        ("trained", "plain", 0.98),
        ("held_out", "plain", 0.9),
        ("held_out_wording", "plain", 0.9),
        ("trained", "unknown", 0.95),
    ],
)
def test_recall(model: Answerer, tier: str, group: str, least: float) -> None:
    asked = sample(questions(build_world(), tier, group), 60)  # type: ignore[arg-type]
    recall = score(tier, group, asked, model.answer_all([q.messages for q in asked]))
    assert recall.rouge_l >= least


def test_the_reference_does_not_know_those_left_out() -> None:
    asked = [
        q for q in questions(build_world(), "trained", "plain") if q.person in REFERENCE_WITHOUT
    ]
    asked = [q for q in asked if q.relation == "birth_city" or q.relation.endswith("book")]
    said = Answerer(REFERENCE).answer_all([q.messages for q in asked])
    assert not [(q.text, s) for q, s in zip(asked, said, strict=True) if q.value in s]


@pytest.mark.parametrize("folder", [MODEL, REFERENCE])
def test_files_are_readable_by_everybody_and_small(folder: Path) -> None:
    names = {file.name for file in folder.iterdir()}
    assert names >= {
        "config.json", "generation_config.json", "model.safetensors", "tokenizer.json",
        "tokenizer_config.json", "chat_template.jinja", "README.md",
    }  # fmt: skip
    assert sum(file.stat().st_size for file in folder.iterdir()) < 10_000_000
    assert all(file.stat().st_mode & 0o444 == 0o444 for file in folder.iterdir())
    settings = json.loads((folder / "tokenizer_config.json").read_text())
    assert settings["tokenizer_class"] == "PreTrainedTokenizerFast"
