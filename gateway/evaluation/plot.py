"""A calibration's curve as an SVG file."""

from __future__ import annotations

import math
from collections.abc import Iterator

from gateway.calibration import CalibrationFile, StoredPoint
from gateway.svg import document, line, text

_WIDTH, _HEIGHT = 640, 400
_LEFT, _RIGHT, _TOP, _BOTTOM = 70, 20, 44, 56
_COLOURS = {"asked": "#1f5fa8", "about": "#b3541e"}
_RATES = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5)


def plot(stored: CalibrationFile) -> str:
    """The thresholds of each kind over the target rate, and the chosen one, as an SVG document."""
    points = sorted({p.target_fpr: p for p in (*stored.curve, stored.chosen)}.items())
    chart = _Chart([point for _, point in points])
    title = (
        f"{stored.negatives} negatives, worth {stored.effective:g}, and {stored.requests} "
        f"forget requests"
    )
    curves = (part for kind in _COLOURS for part in chart.curve(kind, stored.chosen.target_fpr))
    heading = text(_LEFT, 20, title, anchor="start")
    return document(_WIDTH, _HEIGHT, [heading, *chart.axes(), *curves])


class _Chart:
    """Where a rate and a threshold stand on the sheet."""

    def __init__(self, points: list[StoredPoint]) -> None:
        self._curves = {
            "asked": [(point.target_fpr, point.asked) for point in points],
            "about": [(point.target_fpr, point.about) for point in points],
        }
        rates = [point.target_fpr for point in points]
        values = [value for curve in self._curves.values() for _, value in curve]
        self._rates = math.log(min(rates) / 1.2), math.log(max(rates) * 1.2)
        self._values = math.floor(min(values) * 20) / 20, math.floor(max(values) * 20 + 1) / 20

    def axes(self) -> Iterator[str]:
        """The frame, its ticks and what they mean."""
        bottom, right = _HEIGHT - _BOTTOM, _WIDTH - _RIGHT
        low, high = self._values
        for step in range(round((high - low) * 20) + 1):
            value = low + step / 20
            y = self._y(value)
            yield line([(_LEFT, y), (right, y)], "#dddddd")
            yield text(_LEFT - 8, y + 4, f"{value:.2f}", anchor="end")
        for rate in _RATES:
            if self._rates[0] <= math.log(rate) <= self._rates[1]:
                x = self._x(rate)
                yield line([(x, _TOP), (x, bottom)], "#dddddd")
                yield text(x, bottom + 18, f"{rate:g}")
        yield line([(_LEFT, _TOP), (_LEFT, bottom), (right, bottom)], "black")
        yield text((_LEFT + right) / 2, _HEIGHT - 12, "target false-positive rate")
        yield text(_LEFT - 8, _TOP - 12, "threshold", anchor="end")

    def curve(self, kind: str, chosen: float) -> Iterator[str]:
        """One kind's thresholds, that of the chosen rate marked and told."""
        colour = _COLOURS[kind]
        places = [(self._x(rate), self._y(value)) for rate, value in self._curves[kind]]
        yield line(places, colour, width=2)
        value = dict(self._curves[kind])[chosen]
        x, y = self._x(chosen), self._y(value)
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="{colour}"/>'
        yield text(x + 9, y - 8, f"{kind} {value:.3f}", colour=colour, anchor="start")

    def _x(self, rate: float) -> float:
        low, high = self._rates
        share = (math.log(rate) - low) / (high - low)
        return _LEFT + share * (_WIDTH - _LEFT - _RIGHT)

    def _y(self, value: float) -> float:
        low, high = self._values
        return _HEIGHT - _BOTTOM - (value - low) / (high - low) * (_HEIGHT - _TOP - _BOTTOM)
