"""`python -m training`: fits the adapter and the thresholds, and writes them with their card."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import numpy as np
import platformdirs
import typer

from gateway.encoder_load import load_encoder
from guards.meaning.adapter import Adapter
from training import adapter, thresholds
from training.card import card
from training.material import FOLDER, Embedded, embedded, people

SHIPPED = Path(__file__).parents[1] / "guards" / "meaning" / "shipped"


def main(
    material: Annotated[Path, typer.Option(help="Folder of people-*.jsonl.")] = FOLDER,
    out: Annotated[Path, typer.Option(help="Where the files go.")] = SHIPPED,
    encoder: Annotated[str | None, typer.Option(help="As LETHE_ENCODER.")] = None,
) -> None:
    """Train on written material; some minutes on one core."""
    loaded = load_encoder(encoder, Path(platformdirs.user_cache_dir("lethe")))
    known = embedded(people(material), loaded.encode)
    typer.echo(f"{len(known)} people, {sum(len(each.prompts) for each in known)} prompts")

    def fit(some: Sequence[Embedded]) -> Adapter:
        return Adapter(adapter.fit(some))

    curve = thresholds.curve(known, loaded.encode, fit)
    matrix = adapter.fit(known).astype(np.float16)
    out.mkdir(parents=True, exist_ok=True)
    np.save(out / "adapter.npy", matrix)
    table = thresholds.as_table(curve)
    (out / "thresholds.json").write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")
    (out / "CARD.md").write_text(card(known, loaded, curve), encoding="utf-8")
    typer.echo(f"Written to {out}")


if __name__ == "__main__":
    typer.run(main)
