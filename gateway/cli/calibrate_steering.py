"""`lethe calibrate-steering`: layer and strength of rotation for a model, at a running engine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from gateway.cli.client import show, show_one
from gateway.cli.reaching import CallFailed

_COLUMNS = {
    "layer": "layer",
    "α": "alpha",
    "forget ROUGE-L": "rougeL",
    "held out": "rougeL_held_out",
    "words": "word_rate",
    "repeats": "repetition",
    "retain, ungated": "retain_rougeL",
    "fluent": "fluent",
}
N = TypeVar("N", int, float)

_MOST = 1_000
_ALPHAS = "0.6,0.8,1.0,1.2,1.4,1.6,2.0"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(calibrate_steering)


def calibrate_steering(
    engine_url: Annotated[str, typer.Option(help="A vLLM with the plug-in, and no gateway.")],
    forget: Annotated[
        Path, typer.Option(help="Questions the model knows the answers to, by subject, JSON lines.")
    ],
    retain: Annotated[Path, typer.Option(help="Questions to be answered as ever, JSON lines.")],
    json: Annotated[Path, typer.Option("--json", help="The report is written to this file.")],
    engine_api_key: Annotated[
        str | None, typer.Option(envvar="LETHE_UPSTREAM_API_KEY", help="The engine's API key.")
    ] = None,
    layers: Annotated[
        str | None, typer.Option(help="Comma list; left out, all at which the engine can steer.")
    ] = None,
    alphas: Annotated[str, typer.Option(help="Comma list of strengths.")] = _ALPHAS,
    filed_retain: Annotated[
        int,
        typer.Option(min=0, max=64, help="Retain rows to build with, as if filed as examples."),
    ] = 0,
    max_tokens: Annotated[int, typer.Option(min=1, help="The longest reply.")] = 128,
    concurrency: Annotated[int, typer.Option(min=1, max=256, help="Prompts at a time.")] = 16,
    config: Annotated[
        Path | None, typer.Option(help="The gateway's YAML file of settings.")
    ] = None,
) -> None:
    """Find the layer and the strength at which a model forgets and stays fluent.

    Start the engine with VLLM_PLUGINS=lethe LETHE_STEERING_LAYERS=all. It is left without rules.
    """
    import asyncio

    import orjson

    from gateway.calibrating.subjects import read_subjects
    from gateway.calibrating.sweep import Plan, swept
    from gateway.calibrating.trial import open_trial
    from gateway.calibration import write_whole
    from gateway.encoder_cache import open_encoder
    from gateway.engines.texts import spread
    from gateway.evaluation.questions import read_questions
    from gateway.retained import load_retained
    from gateway.settings_load import load_settings

    if json.is_dir() or json.resolve() in (forget.resolve(), retain.resolve()):
        raise CallFailed(f"{json} would be written over; name another file with --json.")
    settings = load_settings(config)
    rows = read_questions(retain)
    filed = spread(rows, filed_retain) if filed_retain else []
    asked = [row for row in rows if row not in filed]
    if not asked:
        raise CallFailed(f"{retain} has no row left to ask; lower --filed-retain.")
    plan = Plan(
        subjects=read_subjects(forget),
        retain=asked,
        filed=filed,
        retained=load_retained(settings.retained_prompts),
        layers=None if layers is None else _numbers(layers, int, "--layers"),
        alphas=_numbers(alphas, float, "--alphas"),
        gate=settings.steering_gate,
    )

    async def run() -> dict[str, Any]:
        encoder = await asyncio.to_thread(open_encoder, settings)
        async with open_trial(
            engine_url, key=engine_api_key, max_tokens=max_tokens, connections=concurrency
        ) as trial:
            return await swept(plan, trial, encoder)

    report = asyncio.run(run())
    write_whole(json, orjson.dumps(report, option=orjson.OPT_INDENT_2).decode() + "\n")
    unsteered = {"layer": "unsteered", **report["unsteered"]}
    show([unsteered, *report["points"]], _COLUMNS, f"{report['model']} under steering")
    choice = report["choice"]
    if choice is None:
        raise CallFailed(
            f"No layer and strength forgets and stays fluent ({json} has the numbers): try weaker "
            "--alphas, other --layers, or retained prompts of the kind that the model is asked "
            "(LETHE_RETAINED_PROMPTS)."
        )
    show_one(_settings(choice), "To set")


def _settings(choice: dict[str, Any]) -> dict[str, str]:
    """The environment of the engine, and of the gateway."""
    layer, alpha = choice["layer"], choice["alpha"]
    return {
        "engine": f"LETHE_STEERING_LAYERS={layer}",
        "gateway": f"LETHE_STEERING_LAYER={layer} LETHE_STEERING_ALPHA={alpha:g}",
    }


def _numbers(text: str, of: Callable[[str], N], option: str) -> list[N]:
    try:
        found = [of(part) for part in text.split(",")]
    except ValueError:
        found = []
    if not (found and all(0 <= number <= _MOST for number in found)):
        raise CallFailed(f"{option} is a list of numbers from 0 on, with commas between them.")
    return found
