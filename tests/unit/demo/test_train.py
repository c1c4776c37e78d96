import json
import os
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest
import torch

from demo import train
from demo.answering import Answerer
from demo.corpus import Row
from demo.encoding import END, Encoder, batches, train_tokenizer
from demo.optimizer import orthogonalize


def test_a_tiny_run_learns_and_saves(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "demo.train", "--tiny", "--out", str(tmp_path)]
    command += ["--without", "Mira Quell"]
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=os.environ)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout.splitlines()[-1])
    assert report["last_loss"] < report["first_loss"] - 1
    assert (tmp_path / "model.safetensors").stat().st_mode & 0o777 == 0o644
    assert isinstance(Answerer(tmp_path, 4).answer([{"role": "user", "content": "Hello."}]), str)


@pytest.mark.parametrize("arguments", [["--tiny"], ["--out", "x", "--without", "Nobody Known"]])
def test_bad_arguments_are_refused(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        train.main(arguments)
    assert stopped.value.code == 2


@pytest.mark.parametrize("shape", [(2, 48, 16), (2, 16, 48), (1, 16, 16)])
def test_orthogonalized_matrices_have_singular_values_near_one(shape: tuple[int, ...]) -> None:
    generator = torch.Generator().manual_seed(0)
    made = orthogonalize(torch.randn(*shape, generator=generator)).float()
    values = torch.linalg.svdvals(made)
    assert made.shape == shape
    assert values.min() > 0.3
    assert values.max() < 1.5


def test_only_answers_count_unless_asked(tmp_path: Path) -> None:
    row = Row((("user", "Who?"), ("assistant", "She.")), "key")
    tokenizer = train_tokenizer(["Who? She."])
    encoder = Encoder(tokenizer)
    plain, asking = encoder.encode(row, ask=False), encoder.encode(row, ask=True)
    assert plain.ids == asking.ids
    assert set(plain.weights) == {0.0, 1.0}
    assert set(asking.weights) == {0.0, 0.5, 1.0}
    assert plain.ids[-1] == tokenizer.token_to_id(END)
    assert plain.weights[-1] == 1.0


def test_each_length_has_one_batch_size() -> None:
    encoder = Encoder(train_tokenizer(["a b c d e f g h"]))
    words = "abcdefgh"
    rows = [
        encoder.encode(
            Row((("user", " ".join(words[: 1 + i % 8])), ("assistant", "a")), str(i)), ask=False
        )
        for i in range(100)
    ]
    made = batches(rows, 64, Random(0))
    sizes: dict[int, set[int]] = {}
    for batch in made:
        assert batch.ids.shape[1] % 8 == 0
        sizes.setdefault(batch.ids.shape[1], set()).add(batch.ids.shape[0])
    assert all(len(found) == 1 for found in sizes.values())
    assert {key for batch in made for key in batch.keys} == {str(i) for i in range(100)}
