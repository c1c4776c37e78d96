"""How a serving process writes its log."""

from __future__ import annotations

import logging


def write_log() -> None:
    """Write what is told from INFO on to stderr, one line each."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    # It tells which of its builds it tried to load, at every start.
    logging.getLogger("faiss").setLevel(logging.WARNING)
