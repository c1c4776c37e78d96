"""The sample of ordinary use as a gateway keeps it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs
import pytest

from gateway.compiling import Compiler
from gateway.encoder import Encoder
from gateway.retained import load_retained
from gateway.sampling import Sampling, kept_vectors, ordinary_replies
from guards import Action, Filing, RuleSet, compile_rule
from guards.collateral import Sample, windows_of
from guards.plausible import doubt
from guards.rule import Vectors
from tests.unit.guards.test_plausible import HONEST
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


LIMIT = 0.02


@pytest.fixture(scope="module")
def shipped(encoder: Encoder) -> Sample:
    """The sample as a gateway has it, with the packaged encoder."""
    prompts = load_retained(None)
    folder = Path(platformdirs.user_cache_dir("lethe"))
    vectors = kept_vectors(windows_of(prompts), encoder, folder)
    encode, adapter = encoder.encode, encoder.adapter
    return Sample(prompts, ordinary_replies(), vectors, encode=encode, adapter=adapter, key=b"k")


def shares(shipped: Sample, encoder: Encoder, **fields: Any) -> float:
    fields = {"whole_subject": "name" in fields, **fields}
    rule = compile_rule(
        Filing(id="fr_1", **fields), encoder.encode, "packaged", encoder.adapter, b"k"
    )
    found = shipped.touched_by(rule, RuleSet.build((), 0, adapter=encoder.adapter))
    return max(found.rate, found.replies_rate)


def test_honest_filings_stay_under_the_limit(shipped: Sample, encoder: Encoder) -> None:
    over = [filing for filing in HONEST if shares(shipped, encoder, **filing) > LIMIT]
    assert [filing for filing in over if filing.get("action") is not Action.OBSERVE] == []


@pytest.mark.parametrize(
    "filing",
    [
        {"name": "Python"},
        {"forbidden": ("people",)},
        {"questions": load_retained(None)[:10]},
        {"passages": (" ".join(ordinary_replies()[:8]),)},
    ],
)
def test_what_ordinary_use_is_full_of_is_over_it(
    shipped: Sample, encoder: Encoder, filing: dict[str, Any]
) -> None:
    assert shares(shipped, encoder, **filing) > LIMIT
