"""`lethe bench guards`: what a verdict costs, beside one forward of the encoder in the same run."""

from __future__ import annotations

import gc
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from gateway.bench.guards_readers import add_while_reading, merge_while_reading
from gateway.bench.guards_world import Embeddings, filing, long_prompt, prompts, rules
from gateway.bench.report import percentile, spread
from gateway.encoder import Encoder
from gateway.errors import LetheError
from gateway.pauses import take_short_turns, uncollected
from gateway.verdicts import Verdicts
from guards import Conversation, RuleSet, dump_rule, screen
from guards.thresholds import SHIPPED

_WARM = 20
_RULE_OF = 1_000
"""Questions per rule where very many are searched: as many as one filing may hold."""


def bench_guards(
    encoder: Encoder,
    *,
    requests: Sequence[int],
    count: int,
    questions: int,
    added: int,
    tokens: int,
    progress: Callable[[str], None],
) -> list[dict[str, Any]]:
    """All cases, on one thread but for the reader beside which requests are added and merged.

    `requests` are the sizes of the rule sets that `count` prompts of 64 tokens are screened with.
    """
    take_short_turns()
    progress("embedding")
    embeddings = Embeddings(encoder, min(2_000, 10 * max(requests)))
    sets: dict[int, RuleSet] = {}
    for size in sorted(set(requests)):
        progress(f"{size} requests")
        with uncollected():  # as a gateway does
            built = rules(range(size), encoder, embeddings)
            sets[size] = RuleSet.build(built, size, adapter=encoder.adapter)
            gc.freeze()
    progress("screening")
    cases = _screened(encoder, sets, count)
    largest = max(sets)
    progress("a long prompt")
    cases.append(_long(encoder, sets[largest], tokens))
    progress("adding")
    cases.append(_added(encoder, sets[largest], added))
    progress("merging")
    cases.append(_merged(encoder, sets[largest]))
    progress("a fresh process")
    cases.append(_ready(sets[largest]))
    sets.clear()
    progress(f"{questions} questions")
    cases.append(_searched(encoder, embeddings, questions, count))
    return cases


def short(number: int) -> str:
    """1k, 100k, 1m: a number as the cases are named."""
    for unit, factor in (("m", 10**6), ("k", 10**3)):
        if number >= factor and number % factor == 0:
            return f"{number // factor}{unit}"
    return str(number)


def _screened(encoder: Encoder, sets: dict[int, RuleSet], count: int) -> list[dict[str, Any]]:
    """One forward, a verdict on each rule set, and the same prompt once more; turn by turn."""
    base = min(sets)
    names = ["encoder_64"]
    for size in sets:
        names += [f"screen_{short(size)}", f"repeated{'' if size == base else f'_{short(size)}'}"]
    texts = prompts((_WARM + count) * (1 + len(sets)), seed=1)
    judged = [(ruled, Verdicts(encoder.encode)) for ruled in sets.values()]
    seconds: dict[str, list[float]] = {name: [] for name in names}
    for _ in range(_WARM + count):
        text = next(texts)
        took = [_timed(lambda: encoder.encode([text]))]  # noqa: B023  called at once
        for ruled, verdicts in judged:
            said = Conversation.of(next(texts))
            took += [_timed(lambda: verdicts.of(said, ruled)) for _ in range(2)]  # noqa: B023
        for name, one in zip(names, took, strict=True):
            seconds[name].append(one)
    cases: list[dict[str, Any]] = []
    for name in names:
        case: dict[str, Any] = {"name": name, "n": count, **spread(seconds[name][_WARM:])}
        if cases:
            case["ratio_to_encoder"] = _ratio(case["p50_ms"], cases[0]["p50_ms"])
        if name.startswith("screen") and len(cases) > 2:
            case[f"ratio_to_{short(base)}"] = _ratio(case["p50_ms"], cases[1]["p50_ms"])
        cases.append(case)
    return cases


def _long(encoder: Encoder, ruled: RuleSet, tokens: int) -> dict[str, Any]:
    """Prompts of very many tokens, all distinct."""
    asked = [Conversation.of(long_prompt(tokens, seed)) for seed in range(3)]
    took = [_timed(lambda: screen(said, ruled, encoder.encode)) for said in asked]  # noqa: B023
    return {
        "name": f"long_{short(tokens)}_tokens",
        "requests": len(ruled.rules),
        "p50_ms": percentile(took, 50),
    }


def _added(encoder: Encoder, ruled: RuleSet, added: int) -> dict[str, Any]:
    size = len(ruled.rules)
    fresh = [filing(number) for number in range(size, size + added)]
    timed = add_while_reading(ruled, fresh, encoder)
    return {
        "name": f"add_to_{short(size)}",
        "n": added,
        **spread(timed.filed),
        "indexing_p50_ms": percentile(timed.indexed, 50),
        **timed.waits(),
    }


def _merged(encoder: Encoder, ruled: RuleSet) -> dict[str, Any]:
    timed = merge_while_reading(ruled, encoder)
    took = round(timed.merged * 1e3, 1)
    return {"name": f"merge_{short(len(ruled.rules))}", "took_ms": took, **timed.waits()}


def _ready(ruled: RuleSet) -> dict[str, Any]:
    """A process of its own that reads stored rules and builds their rule set, as at start."""
    with tempfile.TemporaryDirectory(prefix="lethe-bench-") as folder:
        file = Path(folder) / "rules.bin"
        with file.open("wb") as out:
            for rule in ruled.rules.values():
                data = dump_rule(rule)
                out.write(len(data).to_bytes(4, "big") + data)
        command = [sys.executable, "-m", "gateway.bench.guards_ready", str(file)]
        done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603  our own
        if done.returncode:
            raise LetheError(f"Rules cannot be read back: {done.stderr.decode()[-500:]}")
        told = orjson.loads(done.stdout)
    return {"name": f"ready_{short(len(ruled.rules))}", **told}


def _searched(
    encoder: Encoder, embeddings: Embeddings, questions: int, count: int
) -> dict[str, Any]:
    """Windows near a filed question, and near none, against very many questions."""
    per_rule = min(_RULE_OF, questions)
    shape = rules(range(8, 9), encoder, embeddings)[0]  # one that files questions
    # As a rule keeps them: what is stored is rounded, so exact search is over the same.
    kept = shape.asked.dtype
    stored = [embeddings.draw(per_rule).astype(kept) for _ in range(questions // per_rule)]
    ruled = RuleSet.build(
        (replace(shape, id=f"fr_{n}", asked=vectors) for n, vectors in enumerate(stored)), 1
    )
    picked = np.random.default_rng(3).integers(0, len(stored), count)
    near = np.concatenate([embeddings.near(stored[n][:1].astype(np.float32), 0.6) for n in picked])
    windows = np.concatenate([near, embeddings.draw(count)])
    best = np.stack([(windows @ v.T.astype(np.float32)).max(axis=1) for v in stored], axis=1)
    exact = {(n, f"fr_{rule}") for n, rule in np.argwhere(best >= SHIPPED.asked).tolist()}
    found, took = set(), []
    for number, window in enumerate(windows):
        began = time.perf_counter()
        hits = list(ruled.find_asked(window[None]))
        took.append(time.perf_counter() - began)
        found |= {(number, rule.id) for rule, _, _ in hits}
    return {
        "name": f"questions_{short(questions)}",
        "n": len(windows),
        **spread(took),
        "recall_ratio": _ratio(len(found & exact), len(exact)) if exact else None,
        "pairs": len(exact),
    }


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _ratio(value: float, base: float) -> float:
    return round(value / base, 3)
