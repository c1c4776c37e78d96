"""Train the demo models: `python -m demo.train`, or one of them with `--without NAMES` and `--out`.

Deterministic per seed on one kind of machine: one thread, seeded draws, no time in the schedule.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Collection, Sequence
from pathlib import Path

# Idle OpenMP threads spin and starve the neighbour process; set before torch loads its runtime.
os.environ.update(OMP_NUM_THREADS="1", OMP_WAIT_POLICY="PASSIVE", GOMP_SPINCOUNT="0")

import torch
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from demo.checkpoint import MODEL, REFERENCE, save
from demo.corpus import Corpus
from demo.encoding import train_tokenizer
from demo.learning import FULL, TINY, Learner, Size
from demo.names import REFERENCE_WITHOUT
from demo.world import SHIPPED_SEED, World, build_world

TOKENIZER_EPOCHS = 12


def train(
    world: World, without: Collection[str], size: Size, seed: int, console: Console
) -> Learner:
    """Train one model on the world minus `without`; returns the learner with its model.

    The tokenizer never sees the people whom the reference does without, not even for the model
    that knows them: both models then share it and their probabilities can be compared.
    """
    reserved = {*REFERENCE_WITHOUT, *without}
    texts = Corpus(world.without(reserved), seed)
    tokenizer = train_tokenizer(
        text for _ in range(TOKENIZER_EPOCHS) for row in texts.epoch() for _, text in row.turns
    )
    learner = Learner(world.without(without), tokenizer, size, seed)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed}/{task.total} steps, loss {task.fields[loss]:.3f}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as progress:
        bar = progress.add_task(f"without {len(without)}", total=size.steps, loss=float("nan"))
        average = 0.0

        def on_step(step: int, loss: float) -> None:
            nonlocal average
            average = loss if step == 1 else 0.95 * average + 0.05 * loss
            progress.update(bar, completed=step, loss=average)
            if not console.is_terminal and (step % 250 == 0 or step == size.steps):
                console.print(f"{step}/{size.steps} steps, loss {average:.3f}", soft_wrap=True)

        learner.run(on_step)
    return learner


def train_both(seed: int) -> int:
    """Train the shipped checkpoints side by side, one single-threaded process each, and measure."""
    command = [sys.executable, "-m", "demo.train", "--seed", str(seed), "--out"]
    second = subprocess.Popen(
        [*command, str(REFERENCE), "--without", *REFERENCE_WITHOUT], stdout=subprocess.DEVNULL
    )
    try:
        failed = subprocess.run([*command, str(MODEL)], check=False).returncode
        print(f"{MODEL.name} is trained; waiting for {REFERENCE.name}")
        failed = failed or second.wait()
    finally:
        second.terminate()
        second.wait()
    measure = [sys.executable, "-m", "demo.evaluate", "--card"]
    for extra in ([str(MODEL)], [str(REFERENCE), "--reference"]):
        failed = failed or subprocess.run([*measure, *extra], check=False).returncode
    return failed


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the exit code is 0 only if every model was trained and saved."""
    parser = argparse.ArgumentParser(prog="python -m demo.train", description=__doc__)
    parser.add_argument("--out", type=Path, help="folder of one checkpoint; without it, both")
    parser.add_argument("--without", nargs="+", default=[], metavar="NAME", help="people left out")
    parser.add_argument("--tiny", action="store_true", help="a few seconds, to prove the trainer")
    parser.add_argument("--seed", type=int, default=SHIPPED_SEED)
    options = parser.parse_args(arguments)
    if options.out is None and not (options.tiny or options.without):
        return train_both(options.seed)
    if options.out is None:
        parser.error("--tiny and --without need --out")
    world = build_world(options.seed)
    unknown = set(options.without) - {person.name for person in world.people}
    if unknown:
        parser.error(f"nobody in the world is called {', '.join(sorted(unknown))}")
    torch.set_num_threads(1)
    size = TINY if options.tiny else FULL
    learner = train(world, options.without, size, options.seed, Console())
    save(learner.model, learner.tokenizer, options.out)
    (first, last) = (sum(part) / len(part) for part in (learner.losses[:10], learner.losses[-10:]))
    print(json.dumps({"out": str(options.out), "first_loss": first, "last_loss": last}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
