"""How a script ends: one JSON line with what was counted, and whether what it shows holds."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, NoReturn

import orjson


def tell(counted: Mapping[str, Any], wrong: Iterable[str]) -> NoReturn:
    """Print the line and exit, with 0 where nothing was wrong."""
    problems = summed(wrong)
    line = {**counted, "problems": problems, "holds": not problems}
    sys.stdout.write(orjson.dumps(line).decode() + "\n")
    sys.exit(1 if problems else 0)


def summed(wrong: Iterable[str]) -> list[str]:
    """Each problem once, with how often it was met."""
    return [f"{what} ({times} times)" for what, times in Counter(wrong).items()]
