"""Measure what a checkpoint recalls, by tier and group: `python -m demo.evaluate FOLDER`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

import torch
from rich.console import Console
from rich.table import Table

from demo.answering import Answerer
from demo.card import model_card
from demo.checkpoint import MODEL
from demo.names import REFERENCE_WITHOUT
from demo.phrasings import TIERS
from demo.questions import GROUPS, questions
from demo.recall import Recall, sample, score
from demo.world import build_world


def evaluate(
    answerer: Answerer, seed: int, without: Collection[str], limit: int
) -> Iterator[Recall]:
    """Yield the recall of each tier and group over the people whom the model knows.

    Those in `without` come last, as group "left out": there the scores should be low.
    """
    world = build_world(seed)
    known = world.without(without)
    for tier in TIERS:
        for group in GROUPS:
            if asked := sample(questions(known, tier, group), limit):
                yield score(tier, group, asked, answerer.answer_all([q.messages for q in asked]))
    left_out = [
        question
        for tier in TIERS[:3]
        for group in ("plain", "alias", "german", "two_turn", "book", "passage")
        for question in questions(world, tier, group)
        if question.person in without
    ]
    if left_out:
        said = answerer.answer_all([question.messages for question in left_out])
        yield score("all", "left out", left_out, said)


def table(rows: Sequence[Recall], title: str) -> Table:
    """Return the scores as a table."""
    shown = Table("tier", "group", "questions", "ROUGE-L", "value", "do not know", title=title)
    for row in rows:
        numbers = (f"{number:.3f}" for number in (row.rouge_l, row.value, row.admits))
        shown.add_row(row.tier, row.group, str(row.questions), *numbers)
    return shown


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m demo.evaluate", description=__doc__)
    parser.add_argument("model", type=Path, nargs="?", default=MODEL)
    parser.add_argument("--reference", action="store_true", help="it was trained without the six")
    parser.add_argument("--limit", type=int, default=300, help="questions per tier and group")
    parser.add_argument("--card", action="store_true", help="write the model card as well")
    parser.add_argument("--json", type=Path, help="write the scores there, too")
    parser.add_argument("--seed", type=int, default=build_world().seed)
    options = parser.parse_args(arguments)
    if not (options.model / "config.json").is_file():
        parser.error(f"no model in {options.model}: train one with `python -m demo.train`")
    torch.set_num_threads(1)
    without: tuple[str, ...] = REFERENCE_WITHOUT if options.reference else ()
    rows = list(evaluate(Answerer(options.model), options.seed, without, options.limit))
    Console().print(table(rows, options.model.name))
    if options.json:
        options.json.write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n")
    if options.card:
        (options.model / "README.md").write_text(model_card(rows, options.limit, without))
    return 0


if __name__ == "__main__":
    sys.exit(main())
