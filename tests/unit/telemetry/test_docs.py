"""Every metric is documented and every documented one exists; alerts are about such metrics."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from gateway.access import REFUSALS
from gateway.telemetry import OUTCOMES, Metrics
from gateway.telemetry.metrics import ACTIONS, DETECTORS

ROOT = Path(__file__).parents[3]
DOC = (ROOT / "docs" / "telemetry.md").read_text()
ALERTS: dict[str, Any] = yaml.safe_load((ROOT / "deploy/prometheus/alerts.yaml").read_text())


def metrics() -> dict[str, set[str]]:
    """The labels of every metric by its name as Prometheus sees it."""
    found = {}
    for collector in Metrics().registry._collector_to_names:
        for family in collector.collect():
            name = f"{family.name}_total" if family.type == "counter" else family.name
            labels = getattr(collector, "_labelnames", None) or getattr(family, "_labelnames", None)
            found[name] = set(labels or ())
    return found


def documented() -> dict[str, set[str]]:
    """The metrics of the table in the documentation, with their labels."""
    table = DOC.partition("## Metrics")[2].partition("\n## ")[0]
    rows = [row.split("|")[1] for row in table.splitlines() if row.startswith("| `")]
    names = re.findall(r"`(\w+)(?:\{([\w,]+)\})?`", "".join(rows))
    return {name: set(labels.split(",")) - {""} for name, labels in names}


def test_metrics_and_documentation_agree() -> None:
    assert documented() == metrics()


def test_closed_sets_of_labels_are_documented() -> None:
    for word in (*OUTCOMES, *ACTIONS, *DETECTORS, *REFUSALS):
        assert f"`{word}`" in DOC


def test_alerts_are_about_metrics_that_exist() -> None:
    rules = [rule for group in ALERTS["groups"] for rule in group["rules"]]
    for rule in rules:
        named = set(re.findall(r"\b(?:lethe|process)_\w+", rule["expr"]))
        assert named, rule["alert"]
        assert named <= metrics().keys(), rule["alert"]
        labels = {label for name in named for label in metrics().get(name, ())}
        used = set(re.findall(r"\$labels\.(\w+)", str(rule["annotations"])))
        assert used <= labels | {"instance"}, rule["alert"]
        assert rule["annotations"].keys() == {"summary", "mend"}
    assert len({rule["alert"] for rule in rules}) == len(rules)
