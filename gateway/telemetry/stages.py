"""How long each stage of a request takes, as histograms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, Protocol

from prometheus_client import CollectorRegistry, Histogram

Stage = Literal["screen", "first_byte", "filter", "added", "compile", "filing"]

_FAST = (0.0005, 0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128, 0.256, 0.512, 1, 2, 4)
_SLOW = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300)

_TOLD: Mapping[Stage, tuple[str, str]] = {
    "screen": ("lethe_screen_seconds", "Time to screen one conversation."),
    "first_byte": (
        "lethe_upstream_first_byte_seconds",
        "Time from asking an engine to the first byte of its answer; of an answer in one piece, "
        "to its beginning.",
    ),
    "filter": ("lethe_filter_seconds", "Time that the output filter took for one reply."),
    "added": (
        "lethe_added_seconds",
        "Time that the gateway added to the answer of an engine: until it was asked, and in the "
        "output filter.",
    ),
    "compile": ("lethe_compile_seconds", "Time to compile one forget request to its rule."),
    "filing": (
        "lethe_filing_seconds",
        "Time from a filing to its enforcement by the gateway that took it.",
    ),
}


class Took(Protocol):
    """Is told how many seconds a stage took, with counts and closed words about it."""

    def __call__(self, stage: Stage, seconds: float, /, **about: str | int | float) -> None:
        """Note it; never raises."""
        ...


def untold(stage: Stage, seconds: float, /, **about: str | int | float) -> None:
    """Note nothing: what stands where nobody asks how long things take."""


def stage_histograms(registry: CollectorRegistry) -> Mapping[Stage, Histogram]:
    """One histogram for each stage."""
    return {
        stage: Histogram(
            name, told, registry=registry, buckets=_SLOW if stage == "first_byte" else _FAST
        )
        for stage, (name, told) in _TOLD.items()
    }
