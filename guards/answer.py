"""Whether an answer tells of a subject that the prompt did not name."""

from __future__ import annotations

import re

from guards.rule import Encode
from guards.ruleset import RuleSet
from guards.screen import screen
from guards.talk.conversation import Conversation
from guards.verdict import Match

_GAP = re.compile("__+")
_FILLS = 5
"""Words of an answer that can stand in a gap."""
_NAMELESS = frozenset({"cosine", "history"})


def screen_answer(
    conversation: Conversation, answer: str, rules: RuleSet, encode: Encode
) -> tuple[str, ...]:
    """Ids of the rules whose subject an answer names, the strongest first.

    A prompt such as "Who painted it?" names nobody: only the answer tells. It is read together
    with what was asked last, because a surname alone means somebody only beside the question.
    """
    if not conversation.messages:
        return ()
    asked = conversation.messages[conversation.asked].text
    verdict = screen(Conversation.of(_read_together(asked, answer)), rules, encode)
    return tuple(m.id for m in verdict.matches if m.enforced and _names(m))


def _read_together(asked: str, answer: str) -> str:
    """A question and its answer as one text.

    A few words that fill the only gap are read in it: "Tom" before "Quell" is no other Tom.
    """
    gaps = list(_GAP.finditer(asked))
    words = answer.split()
    if len(gaps) != 1 or not 0 < len(words) <= _FILLS:
        return f"{asked}\n{answer}"
    start, end = gaps[0].span()
    return f"{asked[:start]}{' '.join(words).rstrip('.')}{asked[end:]}"


def _names(match: Match) -> bool:
    """Whether a name was seen, not closeness alone: that is a matter of the prompt."""
    return any(value for detector, value in match.detectors.items() if detector not in _NAMELESS)
