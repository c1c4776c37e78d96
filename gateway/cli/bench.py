"""`lethe bench`: speeds on this machine, own cases and peers in one run."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from gateway.cli.client import show_one

app = typer.Typer(help="Measure speeds on this machine.", no_args_is_help=True)
Out = Annotated[Path | None, typer.Option("--json", help="Also write the report to this file.")]


@app.command()
def propagation(
    count: Annotated[int, typer.Option(min=10, help="Filings to time.")] = 200,
    gateways: Annotated[int, typer.Option(min=1, max=16, help="Gateway processes.")] = 4,
    growth: Annotated[int, typer.Option(min=100, help="Filings before the last sample.")] = 1_000,
    filings_per_s: Annotated[
        float, typer.Option(min=0, help="To all gateways; 0: one right after the other.")
    ] = 0,
    chats_per_s: Annotated[
        float, typer.Option(min=0, help="Served meanwhile, by all gateways together.")
    ] = 0,
    json: Out = None,
) -> None:
    """From sending a filing to a refused ask, and to all gateways."""
    from gateway.bench.propagation import bench_propagation

    cases = bench_propagation(
        count=count,
        gateways=gateways,
        growth=growth,
        progress=_say,
        filings_per_s=filings_per_s,
        chats_per_s=chats_per_s,
    )
    _report(cases, json)


@app.command()
def gateway(
    requests: Annotated[
        list[int] | None, typer.Option(min=0, help="Forget requests filed; repeatable.")
    ] = None,
    layers: Annotated[
        list[str] | None, typer.Option(help="none, guards or all; repeatable.")
    ] = None,
    prompt: Annotated[list[str] | None, typer.Option(help="short or long; repeatable.")] = None,
    connections: Annotated[
        list[int] | None, typer.Option(min=1, max=256, help="Connections; repeatable.")
    ] = None,
    rounds: Annotated[int, typer.Option(min=1, help="Interleaved rounds.")] = 3,
    count: Annotated[int, typer.Option(min=50, help="Requests per server and round.")] = 300,
    seconds: Annotated[float, typer.Option(min=1, help="At 50 chats a second.")] = 10,
    full: Annotated[
        bool, typer.Option("--full", help="Everything that is not named; takes an hour.")
    ] = False,
    page: Annotated[
        Path | None, typer.Option("--page", help="Also write it as Markdown with charts.")
    ] = None,
    json: Out = None,
) -> None:
    """Rates and added latency: a stub of vLLM, a bare pass-through, and Lethe before it.

    The last of --layers and of --requests make the case `lethe`.
    """
    from gateway.bench.measured import PROMPTS, Setup
    from gateway.bench.summary import write_summary
    from gateway.bench.throughput import LAYERS, bench_gateway

    for name, given, known in (("--layers", layers, LAYERS), ("--prompt", prompt, PROMPTS)):
        if not set(given or ()) <= known.keys():
            raise typer.BadParameter(f"{name} is one of {', '.join(known)}.")
    setup = Setup(
        layers=layers or (tuple(LAYERS) if full else ("guards", "all")),
        filed=requests or ((0, 100_000, 1_000) if full else (0, 1_000)),
        prompts=prompt or tuple(PROMPTS),
        connections=connections or ((8, 1, 64, 256) if full else (8, 64)),
        rounds=rounds,
        count=count,
        seconds=seconds,
    )
    report = _report(bench_gateway(setup, _say), json)
    if page is not None:
        write_summary(report, page)


@app.command()
def guards(
    requests: Annotated[
        list[int] | None, typer.Option(min=10, help="Forget requests in a rule set; repeatable.")
    ] = None,
    count: Annotated[int, typer.Option(min=10, help="Prompts per case.")] = 300,
    questions: Annotated[int, typer.Option(min=10, help="Questions searched.")] = 1_000_000,
    added: Annotated[int, typer.Option(min=10, help="Requests added while others read.")] = 300,
    tokens: Annotated[int, typer.Option(min=100, help="Length of a long prompt.")] = 100_000,
    json: Out = None,
) -> None:
    """What a verdict costs, with few and many requests, beside one forward of the encoder."""
    for library in ("OMP", "OPENBLAS", "MKL"):  # before they are loaded: one thread is measured
        os.environ[f"{library}_NUM_THREADS"] = "1"
    from gateway.bench.guards import bench_guards
    from gateway.encoder_cache import open_encoder
    from gateway.settings_load import load_settings

    settings = load_settings()
    cases = bench_guards(
        open_encoder(settings),
        requests=requests or [1_000, 100_000],
        count=count,
        questions=questions,
        added=added,
        tokens=tokens,
        progress=_say,
    )
    _report(cases, json)


@app.command()
def engine(
    rounds: Annotated[int, typer.Option(min=1, help="Interleaved rounds; six give 95 %.")] = 12,
    batch: Annotated[int, typer.Option(min=2, max=256, help="Requests at once.")] = 16,
    tokens: Annotated[int, typer.Option(min=8, max=400, help="Tokens of an answer.")] = 48,
    quick: Annotated[
        bool, typer.Option("--quick", help="A tiny model, not compiled: to try the benchmark.")
    ] = False,
    json: Out = None,
) -> None:
    """What the plug-in, steering and bans cost vLLM at each step, and a mask without a model."""
    for library in ("OMP", "OPENBLAS", "MKL"):  # before they are loaded: one thread is measured
        os.environ.setdefault(f"{library}_NUM_THREADS", "1")
    from gateway.bench.engine import Loads, bench_engine

    _report(bench_engine(Loads(rounds, batch, tokens), quick=quick, progress=_say), json)


@app.command()
def timing(
    count: Annotated[int, typer.Option(min=20, help="Prompts of each kind.")] = 400,
    json: Out = None,
) -> None:
    """Whether refusals can be told by how long they take, with LETHE_REFUSAL_TIMING and without."""
    from gateway.bench.timing import bench_timing

    _report(bench_timing(count=count, progress=_say), json)


def _report(cases: list[dict[str, Any]], out: Path | None) -> dict[str, Any]:
    from gateway.bench.report import write

    report = write(cases, out)
    for case in cases:
        show_one(case, str(case["name"]))
    return report


def _say(what: str) -> None:
    Console(stderr=True).print(f"[dim]… {what}[/dim]")
