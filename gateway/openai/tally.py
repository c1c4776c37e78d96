"""What became of a request, for all requests and for each forget request that it touched."""

from __future__ import annotations

from collections.abc import Iterable

from gateway.openai.deps import Deps
from gateway.openai.judging import Judgement


class Tally:
    """Counts one request, once it is known how it ended."""

    def __init__(self, deps: Deps, judged: Judgement | None = None) -> None:
        self._deps = deps
        self._judged = judged

    def __call__(self, outcome: str, stopped: Iterable[str] = ()) -> None:
        """Count it; `stopped` are the forget requests for which its reply was stopped.

        A prompt that states itself what it asks is let pass by the forget requests that it touches,
        unless its reply tells more.
        """
        judged = self._judged
        touched: dict[str, str] = {}
        if judged is not None:
            passed = outcome == "enforced" and judged.watch is not None
            touched = dict.fromkeys(judged.ids, "allowed" if passed else outcome)
        touched |= dict.fromkeys(stopped, "enforced")
        self._deps.count(outcome, touched)
        if judged is not None and judged.trace is not None:
            judged.trace.ended(outcome)
