"""What was counted of one rule on a sample of ordinary use."""

from __future__ import annotations

from dataclasses import dataclass, field

from guards.leak.matcher import Leak
from guards.verdict import Match


@dataclass(frozen=True, slots=True)
class Collateral:
    """What a rule touches of a sample: prompts by its match, answers by what stops them.

    `blocked` are the prompts that no enforced rule touched before, `already` counts the others.
    """

    prompts: int
    replies: int
    blocked: tuple[tuple[str, Match], ...] = field(default=(), repr=False)
    stopped: tuple[tuple[str, Leak], ...] = field(default=(), repr=False)
    already: int = 0

    @property
    def rate(self) -> float:
        """The share of the prompts that the rule would be the first to block."""
        return len(self.blocked) / self.prompts if self.prompts else 0.0

    @property
    def replies_rate(self) -> float:
        """The share of the answers that would be stopped."""
        return len(self.stopped) / self.replies if self.replies else 0.0
