"""Charts as SVG files, drawn by hand: a plotting library is not worth it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

_COLOUR = "#1f5fa8"
_ROW, _LEFT, _BAR, _RIGHT = 24, 190, 360, 90


def document(width: int, height: int, parts: Iterable[str]) -> str:
    """A whole file of some parts on white ground."""
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
            f'font-family="sans-serif" font-size="12">',
            f'<rect width="{width}" height="{height}" fill="white"/>',
            *parts,
            "</svg>\n",
        ]
    )


def bars(title: str, rows: Sequence[tuple[str, float]]) -> str:
    """A file with one bar for each row, a label and a number of at least 0."""
    most = max((value for _, value in rows), default=0.0) or 1.0
    parts = [text(12, 20, title, anchor="start")]
    for number, (label, value) in enumerate(rows):
        y, width = 36 + number * _ROW, _BAR * max(value, 0.0) / most
        parts += [
            text(_LEFT - 8, y + 13, label, anchor="end"),
            f'<rect x="{_LEFT}" y="{y}" width="{width:.1f}" height="{_ROW - 8}" fill="{_COLOUR}"/>',
            text(_LEFT + width + 8, y + 13, f"{value:,.4g}", anchor="start"),
        ]
    return document(_LEFT + _BAR + _RIGHT, 44 + len(rows) * _ROW, parts)


def line(places: Sequence[tuple[float, float]], colour: str, width: int = 1) -> str:
    """A line through some places."""
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    return f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{width}"/>'


def text(x: float, y: float, said: str, *, colour: str = "black", anchor: str = "middle") -> str:
    """A text at a place."""
    # Only numbers and our own words come here: nothing to escape.
    return f'<text x="{x:.1f}" y="{y:.1f}" fill="{colour}" text-anchor="{anchor}">{said}</text>'
