"""`lethe calibrate-steering` at an engine that forgets more, and garbles, as α grows."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from typer.testing import CliRunner

from gateway import encoder_cache
from gateway.cli import app
from gateway.errors import LetheError
from steering import EngineRule, Intervention
from tests.integration.engines.fake import FakeEngine
from tests.integration.openai.conftest import serving
from tests.unit.test_enforcement import FakeEncoder

ROWS = [
    {"subject": name, "question": f"Where was {name} in {n}?", "answer": f"At {n} High Street."}
    for name in ("Mira", "Tom")
    for n in range(4)
]
RETAIN = [{"question": f"What is {n}?", "answer": f"It is the number {n}."} for n in range(9)]
ANSWERS = {str(row["question"]): str(row["answer"]) for row in (*ROWS, *RETAIN)}


class Model(FakeEngine):
    """Knows all answers; steered it does at layer 1, and less at layer 2."""

    def says(self, question: str, acting: Intervention | None) -> str:
        if acting is None:
            return ANSWERS[question]
        vectors = [self.held.vector(name) for name, _ in acting.vectors]
        assert acting.vectors
        alpha = vectors[0].alpha - 0.3 * (vectors[0].layer - 1)
        if alpha > 1.2:
            return "zxqv kjhw " * 9
        return "There was a house by the sea." if alpha > 0.9 else ANSWERS[question]


@pytest.fixture
async def model(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[Model, str]]:
    monkeypatch.setattr(encoder_cache, "open_encoder", lambda _: FakeEncoder())
    made = Model()
    async with serving(made.app) as url:
        yield made, url


async def calibrated(url: str, folder: Path, *options: str) -> Any:
    for name, rows in (("forget", ROWS), ("retain", RETAIN)):
        (folder / f"{name}.jsonl").write_bytes(b"\n".join(map(orjson.dumps, rows)))
    arguments = [
        "calibrate-steering", "--engine-url", url, "--forget", str(folder / "forget.jsonl"),
        "--retain", str(folder / "retain.jsonl"), "--json", str(folder / "out.json"), *options,
    ]  # fmt: skip
    result = await asyncio.to_thread(CliRunner().invoke, app, arguments)
    if isinstance(result.exception, LetheError):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result


async def test_layer_and_strength_are_found_and_the_engine_is_left_empty(
    model: tuple[Model, str], tmp_path: Path
) -> None:
    engine, url = model
    result = await calibrated(url, tmp_path)
    report = orjson.loads((tmp_path / "out.json").read_bytes())
    assert report["unsteered"]["rougeL"] == 1.0
    assert (report["choice"]["layer"], report["choice"]["alpha"]) == (1, 1.0)
    assert report["choice"]["rougeL_held_out"] < 0.3
    assert report["choice"]["retain_rougeL"] < 0.5
    tried = [(point["layer"], point["alpha"]) for point in report["points"]]
    assert (1, 1.6) in tried
    assert (1, 2.0) not in tried  # two garbled ones are enough
    assert orjson.loads(result.stdout.splitlines()[-1]) == {
        "engine": "LETHE_STEERING_LAYERS=1",
        "gateway": "LETHE_STEERING_LAYER=1 LETHE_STEERING_ALPHA=1",
    }
    assert not engine.held.rules
    steered = [body for body in engine.asked if "vllm_xargs" in body]
    salts = {body["cache_salt"] for body in steered}
    assert salts == {
        Intervention.from_text(body["vllm_xargs"]["lethe_intervention"]).fingerprint
        for body in steered
    }


async def test_what_is_held_out_and_what_is_filed_with_it(
    model: tuple[Model, str], tmp_path: Path
) -> None:
    engine, url = model
    await calibrated(url, tmp_path, "--filed-retain", "3", "--layers", "1", "--alphas", "1")
    general, *forget = engine.captured
    assert [text.partition("\n")[0] for text in general[-3:]] == [
        "What is 0?", "What is 3?", "What is 6?",
    ]  # fmt: skip
    assert [len(texts) for texts in forget] == [2, 2]
    assert not {"What is 0?", "What is 3?"} & {b["messages"][0]["content"] for b in engine.asked}


async def test_many_layers_are_looked_at_coarsely_first(
    model: tuple[Model, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.calibrating.sweep._LAYERS", 1)
    await calibrated(model[1], tmp_path, "--alphas", "0.6,1.0,1.1")
    report = orjson.loads((tmp_path / "out.json").read_bytes())
    assert {point["layer"] for point in report["points"]} == {1}


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (("--layers", "0"), "steered at layers 1, 2"),
        (("--layers", "first"), "--layers is a list"),
        (("--alphas", "1,-1"), "--alphas is a list"),
        (("--alphas", "1,nan"), "--alphas is a list"),
        (("--filed-retain", "9"), "no row left to ask"),
        (("--alphas", "2"), "forgets and stays fluent"),
    ],
)
async def test_what_cannot_be_tried_is_told(
    model: tuple[Model, str], tmp_path: Path, options: tuple[str, ...], reason: str
) -> None:
    with pytest.raises(LetheError, match=reason):
        await calibrated(model[1], tmp_path, *options)
    assert not model[0].held.rules


async def test_an_engine_that_a_gateway_keeps_is_left_alone(
    model: tuple[Model, str], tmp_path: Path
) -> None:
    engine, url = model
    engine.stand.epoch = "e1"
    engine.held.put([EngineRule("fr_1", 1, (), ("Night Heron",))])
    with pytest.raises(LetheError, match="kept by a gateway"):
        await calibrated(url, tmp_path)
    assert engine.held.rules


@pytest.mark.parametrize(
    ("state", "reason"),
    [({"self_test": "failed"}, "cannot be steered"), ({"plugged": False}, "VLLM_PLUGINS=lethe")],
)
async def test_an_engine_that_cannot_be_steered(
    model: tuple[Model, str], tmp_path: Path, state: dict[str, Any], reason: str
) -> None:
    for name, value in state.items():
        setattr(model[0], name, value)
    with pytest.raises(LetheError, match=reason):
        await calibrated(model[1], tmp_path)
