"""Whether an answer tells of a subject that the prompt did not name."""

from __future__ import annotations

from guards.rule import Encode
from guards.ruleset import RuleSet
from guards.screen import screen
from guards.talk.conversation import Conversation
from guards.verdict import Match

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
    verdict = screen(Conversation.of(f"{asked}\n{answer}"), rules, encode)
    return tuple(m.id for m in verdict.matches if m.enforced and _names(m))


def _names(match: Match) -> bool:
    """Whether a name was seen, not closeness alone: that is a matter of the prompt."""
    return any(value for detector, value in match.detectors.items() if detector not in _NAMELESS)
