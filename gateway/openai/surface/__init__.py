"""What there is of OpenAI's and vLLM's HTTP surface, and how each part of it is enforced.

One table: routes here, and for those that generate text what goes in and what comes out. The
routing is built from it, docs/enforcement.md is written from it, and no line of it stands without
a test that proves it. How something is enforced is written elsewhere.
"""

from gateway.openai.surface.asked import ASKED
from gateway.openai.surface.cells import GENERATING, Cell, Column, How
from gateway.openai.surface.replied import REPLIED
from gateway.openai.surface.routes import REFUSED, SERVED, Refused, Served, unknown_route

COLUMNS: tuple[Column, ...] = (*ASKED, *REPLIED)
"""All that goes in and comes out, with one cell for each route that generates text."""

__all__ = [
    "COLUMNS",
    "GENERATING",
    "REFUSED",
    "SERVED",
    "Cell",
    "Column",
    "How",
    "Refused",
    "Served",
    "unknown_route",
]
