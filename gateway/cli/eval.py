"""`lethe eval`: how good the judgement is, on prompts of which it is known what they should do."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from gateway.cli.client import CallFailed, show

app = typer.Typer(help="Measure how good the judgement is.", no_args_is_help=True)

_COLUMNS = {
    "group": "group",
    "n": "n",
    "flagged": "flagged",
    "flag rate": "flag_rate",
    "right id": "right_id_rate",
    "blocked": "blocked_rate",
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
    thresholds = SHIPPED if negatives else shipped(target)
    rules = RuleSet.build(compiled(filings, encoder), len(filings), thresholds, encoder.adapter)
    warnings: tuple[str, ...] = ()
    if negatives:
        calibration = calibrated(free, rules, encoder, target)
        rules = replace(rules, thresholds=calibration.chosen.thresholds)
        warnings = calibration.warnings
    report = evaluate(asked, rules, encoder) | {"warnings": warnings}
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


def _write(report: dict[str, Any], path: Path) -> None:
    import orjson

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(orjson.dumps(report))
    except OSError as error:
        raise CallFailed(f"{path} cannot be written ({error.strerror}).") from error
