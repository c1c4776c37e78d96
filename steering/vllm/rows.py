"""Requests with an intervention: what each of them may not write next."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from steering.bans import Bans, Compiled, Matcher
from steering.bans.vocabulary import Ids
from steering.intervention import ARGUMENT, Intervention
from steering.vllm import state

_log = logging.getLogger(__name__)
_told: set[str] = set()


class Hidden(Exception):
    """Tokens of the output are not there: the runner keeps them from logits processors."""


@dataclass(slots=True)
class Row:
    """One request: its intervention as it travelled, and what follows its output.

    `narrow`: something else forbids tokens too, so that none may be left. `matcher` is None where
    the bans could not be made out.
    """

    text: str
    penalty: float | None
    narrow: bool
    output: list[int]
    matcher: Matcher | None

    def forbidden(self) -> list[Ids] | None:
        """The tokens that may not come next; None where the request must say nothing at all."""
        if self.matcher is None or state.failed(self.text):
            return None
        try:
            if self.output and self.output[-1] < 0:
                raise Hidden
            self.matcher.read(self.output)
            return self.matcher.forbidden()
        except Exception as error:
            tell(error)
            self.matcher = None
            return None


def row_of(
    compiled: Compiled, params: Any, prompt: Sequence[int] | None, output: list[int]
) -> Row | None:
    """Make the row of a request; None where it carries no intervention. Never raises.

    `output` is the list that the engine appends generated tokens to.
    """
    asked = (params.extra_args or {}).get(ARGUMENT)
    if asked is None:
        return None
    made = Row(str(asked), None, _narrow(params), output, None)
    try:
        intervention = Intervention.from_text(asked)
        bans = [_bans(compiled, name) for name in intervention.bans]
        made.penalty = intervention.penalty
        made.matcher = Matcher(compiled.vocabulary, bans, prompt or ())
    except Exception as error:
        tell(error)
    return made


def tell(error: Exception) -> None:
    """Log what went wrong, each kind once and without its text: a string may stand in it."""
    kind = type(error).__name__
    if kind not in _told:
        _told.add(kind)
        _log.error("Bans cannot be applied to a request, which says nothing instead: %s", kind)


def _bans(compiled: Compiled, fingerprint: str) -> Bans:
    found = compiled.get(fingerprint)
    return found or compiled.put(fingerprint, state.HELD.bans(fingerprint))


def _narrow(params: Any) -> bool:
    return bool(
        params.structured_outputs is not None
        or params.allowed_token_ids
        or params.bad_words
        or params.min_tokens
    )
