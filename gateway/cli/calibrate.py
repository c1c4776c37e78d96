"""`lethe calibrate`: thresholds for a deployment, from prompts that must not be touched."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from gateway.cli.client import call, show
from gateway.cli.reaching import CallFailed

if TYPE_CHECKING:
    from gateway.calibration import CalibrationFile
    from gateway.registry.filing import Filing

_COLUMNS = {
    "target": "target_fpr",
    "asked": "asked",
    "about": "about",
    "flagged": "flagged",
    "by weight": "weighted",
    "as asked": "flagged_by.asked",
    "as about": "flagged_by.about",
    "": "chosen",
}
_ENFORCED = ("in_progress", "completed")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(calibrate)


def calibrate(
    negatives: Annotated[
        Path, typer.Option(help="Prompts that touch no forget request, JSON lines.")
    ],
    requests: Annotated[
        Path | None, typer.Option(help="Forget requests, JSON lines, in place of the gateway's.")
    ] = None,
    target_fpr: Annotated[
        float | None,
        typer.Option(min=1e-4, max=0.5, help="Share of such prompts that may be touched."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="The calibration file; left out, the one that 'lethe serve' reads."),
    ] = None,
    plot: Annotated[
        Path | None, typer.Option(help="The curve as SVG; left out, beside the calibration file.")
    ] = None,
    config: Annotated[
        Path | None, typer.Option(help="The gateway's YAML file of settings.")
    ] = None,
) -> None:
    """Set the thresholds so that at most a share of ordinary prompts is touched.

    The forget requests are those of the gateway at LETHE_URL; gateways read the file at start.
    """
    from gateway.calibration import DEFAULT_TARGET, as_stored, calibration_path, write_whole
    from gateway.compiling import Compiler
    from gateway.encoder_cache import open_encoder
    from gateway.evaluation.plot import plot as drawn
    from gateway.evaluation.rows import read_negatives, read_requests
    from gateway.evaluation.scoring import calibrated
    from gateway.evaluation.screening import compiled
    from gateway.settings_load import load_settings
    from guards import RuleSet

    settings = load_settings(config)
    path = out or calibration_path(settings)
    picture = plot or path.with_suffix(".svg")
    files = [path, picture, negatives, *([requests] if requests else [])]
    if len({file.resolve() for file in files}) < len(files):
        raise CallFailed("One file would be written over another; name others with --out, --plot.")
    rows = read_negatives(negatives)
    filings = read_requests(requests) if requests else _filed()
    encoder = open_encoder(settings)
    rules = RuleSet.build(
        compiled(filings, Compiler(encoder, b"")), len(filings), adapter=encoder.adapter
    )
    target = target_fpr or settings.target_fpr or DEFAULT_TARGET
    stored = as_stored(
        calibrated(rows, rules, encoder, target),
        encoder=encoder.fingerprint,
        negatives=len(rows),
        requests=len(filings),
    )
    write_whole(path, stored.model_dump_json(indent=2) + "\n")
    write_whole(picture, drawn(stored))
    _show(stored)
    _say(f"Written to {path} and {picture}; gateways read it at their next start.")


def _filed() -> dict[str, Filing]:
    """The forget requests that the gateway enforces, by id."""
    from gateway.evaluation.rows import filing_of

    query, found = {"limit": "1000"}, {}
    while True:
        page: Any = call("GET", "/admin/forget-requests", query=query)
        for row in page["items"]:
            if row["status"] in _ENFORCED:
                try:
                    found[row["id"]] = filing_of(row)
                except ValueError as error:
                    raise CallFailed(
                        f"The gateway's forget request {row['id']} cannot be read: it runs another "
                        f"version of Lethe than this command."
                    ) from error
        if not page["next_cursor"]:
            return found
        query["cursor"] = page["next_cursor"]


def _show(stored: CalibrationFile) -> None:
    chosen = stored.chosen.target_fpr
    points = {point.target_fpr: point for point in (*stored.curve, stored.chosen)}
    rows = [
        points[rate].model_dump() | {"chosen": "chosen" if rate == chosen else None}
        for rate in sorted(points)
    ]
    show(rows, _COLUMNS, "Share of the negatives that each target's thresholds flag")
    _say(f"{stored.negatives} negatives, worth {stored.effective:g} independent ones.")
    for warning in stored.warnings:
        _say(f"warning: {warning}")


def _say(what: str) -> None:
    Console(stderr=True, highlight=False, soft_wrap=True).print(what, markup=False)
