"""An explanation on a terminal: the verdict, and tables of what led there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

_COLOURS = {"refuse": "red", "allow": "green"}


def print_explanation(text: str, answer: Mapping[str, Any], console: Console) -> None:
    """Print what `POST /admin/explain` answered about a text."""
    action = str(answer["action"])
    verdict = Text(action, style=f"bold {_COLOURS.get(action, 'yellow')}")
    verdict.append(f"  at revision {answer['revision']}, {answer['latency_ms']} ms", style="dim")
    console.print(verdict)
    console.print(_marked(text, answer["spans_touched"], answer["spans_clear"]))
    limits = answer["thresholds"]
    console.print(
        Text(f"thresholds: asked {limits['asked']:.2f}, about {limits['about']:.2f}", style="dim")
    )
    _table(
        console,
        "Matches",
        ("request", "by", "score", "needs", "detectors", "view", "where"),
        [
            (
                row["id"] if row["enforced"] else f"{row['id']} (observes)",
                row["kind"],
                f"{row['score']:.2f}",
                f"{row['threshold']:.2f}",
                ", ".join(f"{name} {v:.2f}" for name, v in row["detectors"].items() if v),
                row["view"],
                _where(text, row),
            )
            for row in answer["matches"]
        ],
    )
    _table(
        console,
        "Names seen",
        ("request", "detector", "weight", "view", "where"),
        [
            (r["id"], r["detector"], f"{r['weight']:.2f}", r["view"], _where(text, r))
            for r in answer["hits"]
        ],
    )
    _table(
        console,
        "Nearest requests",
        ("request", "by", "score", "needs", "retained"),
        [
            (
                row["id"],
                row["kind"],
                f"{row['score']:.2f}",
                f"{row['threshold']:.2f}",
                "" if row["retained"] is None else f"{row['retained']:.2f}",
            )
            for row in answer["nearest"]
        ],
    )
    _table(
        console,
        "Readings",
        ("view", "embedded", "text"),
        [(r["view"], "yes" if r["embedded"] else "no", r["text"]) for r in answer["views"]],
    )


def _marked(text: str, touched: Sequence[Sequence[int]], clear: Sequence[Sequence[int]]) -> Text:
    """The prompt, what touches a request in red, what does not in green."""
    shown = Text(text)
    for spans, colour in ((touched, "red"), (clear, "green")):
        for start, end in spans:
            shown.stylize(colour, start, end)
    return shown


def _where(text: str, row: Mapping[str, Any]) -> str:
    start, end = row["span"]
    return f"[{start}, {end}) {text[start:end]}"


def _table(
    console: Console, title: str, headings: Sequence[str], rows: Sequence[Sequence[str]]
) -> None:
    if not rows:
        return
    table = Table(title=title, title_justify="left")
    for number, heading in enumerate(headings):
        table.add_column(heading, overflow="fold", no_wrap=number == 0)
    for row in rows:
        # As text, in which brackets are no markup.
        table.add_row(*map(Text, row))
    console.print(table)
