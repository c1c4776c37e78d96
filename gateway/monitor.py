"""Watches for rules that act on far more traffic than one subject explains.

Each rule is under a cumulative sum test (Page, "Continuous inspection schemes", 1954): of every
prompt the logarithm of how much likelier it is under a rule that acts on `SUSPECT` of all prompts
than under one that acts on `USUAL` of them, never below zero. A rule is suspected where the sum
reaches ln(`ERRORS`). By Lorden (1971) a rule that acts on `USUAL` of the prompts is then suspected
wrongly at most once in `ERRORS` prompts; one that acts on a tenth of them is found after about a
hundred. Nothing is switched off: whoever hammers at a rule must not be able to lift it.
"""

from __future__ import annotations

import logging
import math
from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass

log = logging.getLogger(__name__)

USUAL, SUSPECT = 0.005, 0.02
"""Shares of all prompts: what a rule may act on, and what is far too much."""
ERRORS = 1_000_000
_KEPT = 4096
"""Rules that are watched at a time: those that acted last."""

_ACTS = math.log(SUSPECT / USUAL)
_PASSES = math.log((1 - SUSPECT) / (1 - USUAL))
_BOUND = math.log(ERRORS)


@dataclass(slots=True)
class _Watched:
    """The sum of one rule after the prompt with a number."""

    sum: float
    at: int
    suspected: bool = False

    def after(self, prompts: int) -> float:
        """The sum now that so many prompts have come, the rule acting on none since."""
        return max(0.0, self.sum + (prompts - self.at) * _PASSES)


class FalseStops:
    """Which rules are suspected of stopping ordinary use, by what one gateway sees.

    Costs a dictionary look-up for each rule that acts, and nothing for the others.
    """

    def __init__(self) -> None:
        self._prompts = 0
        self._watched: OrderedDict[str, _Watched] = OrderedDict()

    def judged(self, acting: Collection[str]) -> None:
        """Count one request, and the forget requests that act on it."""
        self._prompts += 1
        for request_id in acting:
            self._acted(request_id)

    def stopped(self, request_id: str) -> None:
        """Count a reply that a forget request stopped whose prompt it did not match."""
        self._acted(request_id)

    @property
    def suspected(self) -> list[str]:
        """The ids of the forget requests that are suspected now, in order."""
        return sorted(each for each in self._watched if self.suspects(each))

    def suspects(self, request_id: str) -> bool:
        """Whether a forget request is suspected: from the bound on, until the sum is zero again."""
        watched = self._watched.get(request_id)
        if watched is None or not watched.suspected:
            return False
        watched.suspected = watched.after(self._prompts) > 0
        return watched.suspected

    def _acted(self, request_id: str) -> None:
        suspected = self.suspects(request_id)
        watched = self._watched.pop(request_id, None) or _Watched(0.0, self._prompts)
        before = max(watched.at, self._prompts - 1)
        # Capped, so that a rule which is no longer asked for is not suspected for days.
        watched.sum = min(watched.after(before) + _ACTS, 2 * _BOUND)
        watched.at = self._prompts
        watched.suspected = suspected or watched.sum >= _BOUND
        if watched.suspected and not suspected:
            log.warning(
                "The forget request %s acts on more than %.0f %% of the prompts: see whether it "
                "stops ordinary use (/admin/status).",
                request_id,
                SUSPECT * 100,
            )
        self._watched[request_id] = watched
        if len(self._watched) > _KEPT:
            self._watched.popitem(last=False)
