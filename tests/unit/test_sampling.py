"""The sample of ordinary use as a gateway keeps it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from gateway.compiling import Compiler
from gateway.retained import load_retained
from gateway.sampling import Sampling, kept_vectors, ordinary_replies
from guards import Filing, RuleSet, compile_rule
from guards.plausible import doubt
from guards.rule import Vectors
from tests.unit.test_enforcement import FakeEncoder

TEXTS = ["Where do herons nest?", "How tall is a giraffe?"]


def test_embeddings_are_made_once(tmp_path: Path) -> None:
    encoder = FakeEncoder()
    made = kept_vectors(TEXTS, encoder, tmp_path)
    again = kept_vectors(TEXTS, encoder, tmp_path)
    assert encoder.calls == len(TEXTS)
    assert np.array_equal(made, again)
    kept_vectors(TEXTS[:1], encoder, tmp_path)  # other prompts, or another encoder
    assert encoder.calls == len(TEXTS) + 1


@pytest.mark.parametrize("content", [b"", b"garbage", b"\xff" * 64])
def test_a_damaged_file_is_made_anew(tmp_path: Path, content: bytes) -> None:
    encoder = FakeEncoder()
    made = kept_vectors(TEXTS, encoder, tmp_path)
    (file,) = (tmp_path / "samples").iterdir()
    file.write_bytes(content)
    assert np.array_equal(kept_vectors(TEXTS, encoder, tmp_path), made)
    assert file.stat().st_size == made.nbytes


def test_a_folder_that_cannot_be_written_costs_time_only(tmp_path: Path) -> None:
    (tmp_path / "samples").write_text("no folder")
    encoder = FakeEncoder()
    assert len(kept_vectors(TEXTS, encoder, tmp_path)) == len(TEXTS)


async def test_rules_are_tried_as_soon_as_the_sample_is_ready(tmp_path: Path) -> None:
    encoder = FakeEncoder()
    sampling = Sampling(TEXTS, Compiler(encoder, b"k"), tmp_path)
    rule = compile_rule(Filing(id="fr_1", forbidden=("giraffe",)), encoder.encode, "fake")
    found = await sampling.touched_by(rule, RuleSet.empty())
    assert [prompt for prompt, _ in found.blocked] == TEXTS[1:]
    assert found.replies == len(ordinary_replies())
    await sampling.stop()


async def test_trouble_with_the_sample_is_told_and_tried_again(tmp_path: Path) -> None:
    class Failing(FakeEncoder):
        broken = True

        def encode(self, texts: Sequence[str]) -> Vectors:
            if self.broken:
                raise RuntimeError("no memory")
            return super().encode(texts)

    encoder = Failing()
    sampling = Sampling(TEXTS, Compiler(encoder, b"k"), tmp_path)
    rule = compile_rule(Filing(id="fr_1", forbidden=("giraffe",)), FakeEncoder().encode, "fake")
    with pytest.raises(RuntimeError):
        await sampling.touched_by(rule, RuleSet.empty())
    encoder.broken = False
    assert (await sampling.touched_by(rule, RuleSet.empty())).blocked
    await sampling.stop()


def test_what_ships_is_a_sample_in_which_two_per_cent_are_several() -> None:
    for texts in (ordinary_replies(), load_retained(None)):
        assert len(texts) >= 300
        assert len(set(texts)) == len(texts)
        assert all(text.strip() == text for text in texts)


def test_a_question_of_the_sample_is_hardly_a_plausible_filing() -> None:
    general = [doubt(Filing(id="", questions=(prompt,))) for prompt in load_retained(None)]
    assert sum(each is not None for each in general) > 100
