"""`lethe eval`: how good the judgement is, on prompts of which it is known what they should do; and
how well a served model forgets.
"""

from __future__ import annotations

import secrets
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from gateway.cli.client import show
from gateway.cli.reaching import CallFailed

app = typer.Typer(help="Measure the judgement, and the forgetting.", no_args_is_help=True)

_COLUMNS = {
    "group": "group",
    "n": "n",
    "flagged": "flagged",
    "flag rate": "flag_rate",
    "right id": "right_id_rate",
    "blocked": "blocked_rate",
}
_FORGETTING = {
    "set": "set",
    "n": "n",
    "ROUGE-L": "rougeL",
    "reworded": "rougeL_paraphrased",
    "told": "fact_recall",
    "refused": "refusal_rate",
    "repeats": "fluency.repetition",
    "words": "fluency.word_rate",
}


@app.command()
def guards(
    requests: Annotated[Path, typer.Option(help="Forget requests, JSON lines.")],
    probes: Annotated[Path, typer.Option(help="Prompts and what they should match, JSON lines.")],
    json: Annotated[Path, typer.Option("--json", help="The report is written to this file.")],
    negatives: Annotated[
        Path | None, typer.Option(help="Prompts that touch nothing: thresholds are set on them.")
    ] = None,
    target_fpr: Annotated[
        float | None,
        typer.Option(min=1e-4, max=0.5, help="False-positive rate to set thresholds for."),
    ] = None,
) -> None:
    """Screen probes over forget requests, without a server, exactly as one would."""
    from gateway.calibration import DEFAULT_TARGET, shipped
    from gateway.compiling import Compiler
    from gateway.encoder_cache import open_encoder
    from gateway.evaluation.rows import read_negatives, read_probes, read_requests
    from gateway.evaluation.scoring import calibrated
    from gateway.evaluation.screening import compiled, evaluate
    from gateway.settings_load import load_settings
    from guards import RuleSet
    from guards.thresholds import SHIPPED

    asked, filings = read_probes(probes), read_requests(requests)
    free = read_negatives(negatives) if negatives else []
    settings = load_settings()
    target = target_fpr or settings.target_fpr or DEFAULT_TARGET
    encoder = open_encoder(settings)
    compiler = Compiler(encoder, secrets.token_bytes(32))
    thresholds = SHIPPED if negatives else shipped(target)
    rules = RuleSet.build(compiled(filings, compiler), len(filings), thresholds, encoder.adapter)
    warnings: tuple[str, ...] = ()
    if negatives:
        calibration = calibrated(free, rules, encoder, target)
        rules = replace(rules, thresholds=calibration.chosen.thresholds)
        warnings = calibration.warnings
    report = evaluate(asked, rules, compiler) | {"warnings": warnings}
    _write(report, json)
    rows = [{"group": name, **counts} for name, counts in report["groups"].items()]
    show(rows, _COLUMNS, f"{report['rules']} rules, {report['latency_ms']['p50']} ms a prompt")
    if unknown := {probe.expect for probe in asked} - {None, "*", *filings}:
        warnings += (
            f"{len(unknown)} of the requests that probes expect are not among those filed.",
        )
    if report["errors"]:
        warnings += (f"{report['errors']} probes could not be judged; a gateway refuses them.",)
    for warning in warnings:
        typer.echo(f"warning: {warning}", err=True)


@app.command()
def forgetting(
    base_url: Annotated[str, typer.Option(help="The served model: a gateway, or another server.")],
    forget: Annotated[Path, typer.Option(help="Questions that were filed, JSON lines.")],
    retain: Annotated[Path, typer.Option(help="Questions to be answered as ever, JSON lines.")],
    json: Annotated[Path, typer.Option("--json", help="The report is written to this file.")],
    api_key: Annotated[
        str | None, typer.Option(envvar="LETHE_API_KEY", help="The key for --base-url.")
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="The model's name; left out, the first that is served.")
    ] = None,
    reference_url: Annotated[
        str | None, typer.Option(help="A model that never learnt it, asked the same.")
    ] = None,
    reference_api_key: Annotated[
        str | None, typer.Option(help="The key for --reference-url and --perplexity-url.")
    ] = None,
    perplexity_url: Annotated[
        str | None, typer.Option(help="A vLLM that rates the replies; left out, the reference.")
    ] = None,
    samples: Annotated[
        int, typer.Option(min=0, max=128, help="Replies sampled to each forget prompt, for leak@k.")
    ] = 16,
    retain_samples: Annotated[
        int, typer.Option(min=0, max=128, help="The same for the retain prompts.")
    ] = 0,
    max_tokens: Annotated[int, typer.Option(min=1, help="The longest reply.")] = 128,
    concurrency: Annotated[int, typer.Option(min=1, max=256, help="Prompts at a time.")] = 8,
) -> None:
    """Ask a served model what it should have forgotten, and what it should still know.

    The forget requests must have been filed. An interrupted run goes on where it stopped.
    """
    import asyncio

    import orjson

    from gateway.calibration import write_whole
    from gateway.evaluation.forgetting import Plan, evaluate
    from gateway.evaluation.questions import read_questions
    from gateway.evaluation.resumed import Kept

    if json.is_dir() or json.resolve() in (forget.resolve(), retain.resolve()):
        raise CallFailed(f"{json} would be written over; name another file with --json.")
    plan = Plan(
        base_url=base_url,
        forget=read_questions(forget),
        retain=read_questions(retain),
        api_key=api_key,
        model=model,
        reference_url=reference_url,
        reference_api_key=reference_api_key,
        perplexity_url=perplexity_url,
        samples=samples,
        retain_samples=retain_samples,
        max_tokens=max_tokens,
        connections=concurrency,
    )
    with Kept(json.with_name(f"{json.name}.partial.jsonl")) as kept:
        if kept.taken_over:
            typer.echo(f"{kept.taken_over} findings are taken over from {kept.path}.", err=True)
        report, warnings = asyncio.run(evaluate(plan, kept))
        write_whole(json, orjson.dumps(report, option=orjson.OPT_INDENT_2).decode() + "\n")
        kept.remove()
    reference = report.get("reference", {})
    sets = {name: report[name] for name in ("forget", "retain")}
    sets |= {f"reference {name}": scores for name, scores in reference.items()}
    rows = [{"set": name, **scores} for name, scores in sets.items()]
    curve = list(report["forget"]["leak_at_k"])
    leaks = {f"leak@{k}": f"leak_at_k.{k}" for k in (*curve[:1], *curve[1:][-1:])}
    show(rows, _FORGETTING | leaks, f"{report['model']}: what is told, and what is still known")
    for warning in warnings:
        typer.echo(f"warning: {warning}", err=True)


def _write(report: dict[str, Any], path: Path) -> None:
    import orjson

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(orjson.dumps(report))
    except OSError as error:
        raise CallFailed(f"{path} cannot be written ({error.strerror}).") from error
