"""A calibration's curve as an SVG file, drawn by hand: a plotting library is not worth it."""

from __future__ import annotations

import math
from collections.abc import Iterator

from gateway.calibration import CalibrationFile, StoredPoint

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
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
            f'font-family="sans-serif" font-size="12">',
            f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="white"/>',
            _text(_LEFT, 20, title, anchor="start"),
            *chart.axes(),
            *(line for kind in _COLOURS for line in chart.curve(kind, stored.chosen.target_fpr)),
            "</svg>\n",
        ]
    )


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
            yield _line([(_LEFT, y), (right, y)], "#dddddd")
            yield _text(_LEFT - 8, y + 4, f"{value:.2f}", anchor="end")
        for rate in _RATES:
            if self._rates[0] <= math.log(rate) <= self._rates[1]:
                x = self._x(rate)
                yield _line([(x, _TOP), (x, bottom)], "#dddddd")
                yield _text(x, bottom + 18, f"{rate:g}")
        yield _line([(_LEFT, _TOP), (_LEFT, bottom), (right, bottom)], "black")
        yield _text((_LEFT + right) / 2, _HEIGHT - 12, "target false-positive rate")
        yield _text(_LEFT - 8, _TOP - 12, "threshold", anchor="end")

    def curve(self, kind: str, chosen: float) -> Iterator[str]:
        """One kind's thresholds, that of the chosen rate marked and told."""
        colour = _COLOURS[kind]
        places = [(self._x(rate), self._y(value)) for rate, value in self._curves[kind]]
        yield _line(places, colour, width=2)
        value = dict(self._curves[kind])[chosen]
        x, y = self._x(chosen), self._y(value)
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="{colour}"/>'
        yield _text(x + 9, y - 8, f"{kind} {value:.3f}", colour=colour, anchor="start")

    def _x(self, rate: float) -> float:
        low, high = self._rates
        share = (math.log(rate) - low) / (high - low)
        return _LEFT + share * (_WIDTH - _LEFT - _RIGHT)

    def _y(self, value: float) -> float:
        low, high = self._values
        return _HEIGHT - _BOTTOM - (value - low) / (high - low) * (_HEIGHT - _TOP - _BOTTOM)


def _line(places: list[tuple[float, float]], colour: str, width: int = 1) -> str:
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    return f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{width}"/>'


def _text(x: float, y: float, text: str, *, colour: str = "black", anchor: str = "middle") -> str:
    # Only numbers and our own words come here: nothing to escape.
    return f'<text x="{x:.1f}" y="{y:.1f}" fill="{colour}" text-anchor="{anchor}">{text}</text>'
