"""Screens probes as the server would, and counts per group what was caught."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.bench.report import percentile
from gateway.compiling import Compiler
from gateway.evaluation.progress import followed
from gateway.evaluation.rows import BadRow, Probe
from gateway.registry.filing import Filing
from guards import Rule, RuleError, RuleSet, Verdict, screen
from guards.leak.filter import leak_in
from guards.leak.watch import Watch


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one probe: the ids that matched, and those that its answer tells of.

    `error` names what went wrong where there is no verdict, which a gateway refuses.
    """

    verdict: Verdict
    stopped: tuple[str, ...]
    seconds: float
    error: str | None = None

    @property
    def ids(self) -> tuple[str, ...]:
        """The requests that the prompt matched, the strongest first."""
        return tuple(match.id for match in self.verdict.matches)

    @property
    def flagged(self) -> bool:
        """Whether the prompt is not simply let through."""
        return self.verdict.action != "allow"

    @property
    def blocked(self) -> bool:
        """Whether the answer does not reach the client."""
        return self.flagged or bool(self.stopped)

    def row(self) -> dict[str, Any]:
        """The outcome as it is reported."""
        return {
            "flagged": self.flagged,
            "blocked": self.blocked,
            "ids": self.ids,
            "score": max((match.score for match in self.verdict.matches), default=0.0),
            "stopped": self.stopped,
            "error": self.error,
        }


def compiled(requests: Mapping[str, Filing], compiler: Compiler) -> list[Rule]:
    """The rules of some filings, under their own ids; raises `BadRow` for one that cannot be."""
    rules = []
    for request_id, filing in followed(list(requests.items()), "Compiling"):
        try:
            rules.append(compiler.compile(request_id, 1, filing))
        except RuleError as error:
            raise BadRow(f"The request {request_id!r} cannot be compiled: {error}.") from error
    return rules


def evaluate(probes: Sequence[Probe], rules: RuleSet, compiler: Compiler) -> dict[str, Any]:
    """Screen every probe, one after the other; the report that `lethe eval guards` writes."""
    compiler.encoder.encode(["The first run allocates; it is not timed."])
    outcomes = [judge(probe, rules, compiler) for probe in followed(probes, "Screening")]
    groups: dict[str, list[tuple[Probe, Outcome]]] = {}
    for probe, outcome in zip(probes, outcomes, strict=True):
        groups.setdefault(probe.group, []).append((probe, outcome))
    seconds = [outcome.seconds for outcome in outcomes]
    return {
        "groups": {name: _counted(pairs) for name, pairs in groups.items()},
        "latency_ms": {f"p{q}": percentile(seconds, q) if seconds else None for q in (50, 99)},
        "rules": len(rules.rules),
        "errors": sum(outcome.error is not None for outcome in outcomes),
        "thresholds": rules.thresholds,
        "rows": [outcome.row() for outcome in outcomes],
    }


def judge(probe: Probe, rules: RuleSet, compiler: Compiler) -> Outcome:
    """Screen one probe and, where it has one, its answer; only the prompt is timed."""
    began = time.perf_counter()
    try:
        verdict = screen(probe.conversation, rules, compiler.encoder.encode)
        seconds = time.perf_counter() - began
        stopped: tuple[str, ...] = ()
        if probe.answer:
            stopped = _stopped(probe.answer, Watch.of(lambda: rules, compiler.key))
    except Exception as error:  # its message may quote the prompt
        refused = Verdict("refuse", rules.revision)
        return Outcome(refused, (), time.perf_counter() - began, type(error).__name__)
    return Outcome(verdict, stopped, seconds)


def _stopped(answer: str, watch: Watch) -> tuple[str, ...]:
    """The rule that the filter would stop an answer for, though the prompt touched none."""
    leak = leak_in(answer, watch)
    return () if leak is None or leak.rule is None else (leak.rule,)


def _counted(pairs: Sequence[tuple[Probe, Outcome]]) -> dict[str, Any]:
    wanted = [(probe.expect, outcome) for probe, outcome in pairs if probe.expect is not None]
    right = [outcome.flagged if e == "*" else e in outcome.ids for e, outcome in wanted]
    flagged = [outcome.flagged for _, outcome in pairs]
    return {
        "n": len(pairs),
        "flagged": sum(flagged),
        "flag_rate": _share(flagged),
        "right_id_rate": _share(right) if right else None,
        "blocked_rate": _share([outcome.blocked for _, outcome in pairs]),
    }


def _share(values: Iterable[bool]) -> float:
    values = list(values)
    return round(sum(values) / len(values), 4)
