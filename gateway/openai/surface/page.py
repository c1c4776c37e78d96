"""Writes docs/enforcement.md: `python -m gateway.openai.surface.page > docs/enforcement.md`."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

from gateway.openai.surface import COLUMNS, GENERATING, REFUSED, SERVED
from gateway.openai.surface.asked import ASKED
from gateway.openai.surface.cells import Cell

_HEAD = """# What is enforced where

Written from the table in `gateway/openai/surface`, from which the routing is built too; tests check
that every cell has a test that proves it. A number behind a cell is that of its test below.

## Routes

Only these are served:
"""
_REFUSED = """
All others are answered 404 with the code `unknown_route`, those outside of `/v1/` too. What is
known of them:
"""
_CELLS = """
## What goes in and what comes out

*screened*: judged before the request travels · *filtered*: held back and stopped on its way out ·
*rewritten*: replaced or left out · *refused*: an error that names it · *absent*: the route has no
such thing.
"""


def page() -> str:
    """The page in Markdown."""
    proofs = list(dict.fromkeys(proof for proof in _proofs()))
    return "\n".join([*_lines({proof: n for n, proof in enumerate(proofs, 1)})]) + "\n"


def _proofs() -> Iterator[str]:
    yield from (served.proof for served in SERVED)
    yield from (cell.proof for column in COLUMNS for cell in column.cells)


def _lines(numbers: dict[str, int]) -> Iterator[str]:
    def told(cell: Cell) -> str:
        return f"{cell.how}: {cell.what} [{numbers[cell.proof]}]"

    yield _HEAD
    yield from _table(
        ("route", "how it is enforced"),
        [(f"`{s.method} /v1/{s.path}`", f"{s.what} [{numbers[s.proof]}]") for s in SERVED],
    )
    yield _REFUSED
    yield from _table(
        ("routes", "paths and all below them", "why, and what to do instead"),
        [(r.name, " ".join(f"`{path}`" for path in r.paths), r.why) for r in REFUSED],
    )
    yield _CELLS
    for name, columns in (("what goes in", ASKED), ("what comes out", COLUMNS[len(ASKED) :])):
        yield from _table(
            (name, *(f"`{route}`" for route in GENERATING)),
            [(column.name, *map(told, column.cells)) for column in columns],
        )
        yield ""
    yield "## Tests\n\nUnder `tests/`:\n"
    yield from (f"{number}. `{proof}`" for proof, number in numbers.items())


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    yield from (f"| {' | '.join(row)} |" for row in rows)


if __name__ == "__main__":
    sys.stdout.write(page())
