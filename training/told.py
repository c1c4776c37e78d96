"""`python -m training.told`: fits what tells facts in other words, and measures it.

Logistic regression over the few measures of `guards.leak.told`, fitted to the first half of the
written facts, with the threshold; the card's numbers are those of the other half.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Annotated, NamedTuple

import numpy as np
import platformdirs
import typer
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from gateway.encoder_cache import CachedEncoder
from gateway.encoder_load import load_encoder
from guards.leak.told import Said, measured
from guards.leak.weighing import MEASURES, Weighing
from guards.rule import Encode
from training.facts import ABROAD, LEAK, UNKNOWING, Written, disclaimers, named, ordinary, written
from training.told_card import CAUGHT, card

SHIPPED = Path(__file__).parents[1] / "guards" / "leak" / "shipped"

ORDINARY = 40
"""Ordinary sentences that each fact is compared with."""
_WEIGHT = {LEAK: 1.0, ABROAD: 0.3, "ordinary": 0.5}
_OTHERWISE = 1.5


class Example(NamedTuple):
    """A sentence as it was measured against one fact, and the number of that fact."""

    measures: list[float]
    kind: str
    fact: int


def examples(facts: Sequence[Written], plain: Sequence[str], encode: Encode) -> Iterator[Example]:
    """Every sentence about each fact, and some ordinary ones, to each question and to none."""
    rng = Random(0)
    for number, fact in enumerate(facts):
        drawn = [("ordinary", text) for text in rng.sample(plain, ORDINARY)]
        filed = [(each.clues, *encode([each.text, each.without])) for each in fact.filed().values()]
        for question in (*fact.asked().values(), ""):
            unknowing = [(UNKNOWING, text) for text in disclaimers(fact.subject, question)]
            for kind, sentence in (*fact.replies, *drawn, *(unknowing if question else ())):
                text = sentence if question else named(sentence, fact.subject)
                if text is None:
                    continue
                said = Said.of(text, question, encode)
                for clues, told, without in filed:
                    yield Example(measured(said, told, without, clues), kind, number)


def fit(found: Sequence[Example]) -> Weighing:
    """The weights, and the threshold at which most leaks of unseen facts are caught."""
    rows = np.array([each.measures for each in found])
    kinds = np.array([each.kind for each in found])
    leaks = (kinds == LEAK) | (kinds == ABROAD)
    weights = np.array([_WEIGHT.get(kind, _OTHERWISE) for kind in kinds])
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=2_000))
    weighted = {"logisticregression__sample_weight": weights}
    unseen: NDArray[np.float64] = cross_val_predict(
        model,
        rows,
        leaks,
        groups=[each.fact for each in found],
        cv=GroupKFold(5),
        method="predict_proba",
        params=weighted,
    )[:, 1]
    model.fit(rows, leaks, **weighted)
    scaler, regression = model[0], model[1]
    scaled = regression.coef_[0] / scaler.scale_
    return Weighing(
        weights=tuple(round(float(weight), 4) for weight in scaled),
        bias=round(float(regression.intercept_[0] - scaled @ scaler.mean_), 4),
        threshold=round(float(np.quantile(unseen[kinds == LEAK], 1 - CAUGHT)), 3),
    )


def main(
    out: Annotated[Path, typer.Option(help="Where the files go.")] = SHIPPED,
    encoder: Annotated[str | None, typer.Option(help="As LETHE_ENCODER.")] = None,
) -> None:
    """Fit on written facts and measure on others; some minutes on one core."""
    loaded = load_encoder(encoder, Path(platformdirs.user_cache_dir("lethe")))
    encode = CachedEncoder(loaded).encode
    plain = ordinary()
    weighing = fit(list(examples(written("tuning.txt"), plain, encode)))
    out.mkdir(parents=True, exist_ok=True)
    named_weights = dict(zip(MEASURES, weighing.weights, strict=True))
    table = {"weights": named_weights, "bias": weighing.bias, "threshold": weighing.threshold}
    (out / "told.json").write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")
    text = card(written("held_out.txt"), plain, weighing, encode, loaded.fingerprint)
    (out / "CARD.md").write_text(text, encoding="utf-8")
    typer.echo(f"Written to {out}")


if __name__ == "__main__":
    typer.run(main)
