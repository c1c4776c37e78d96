"""The verdict on a conversation: names, meaning, history."""

from __future__ import annotations

from dataclasses import replace

from guards.closeness import hear_meaning
from guards.hearing import CERTAIN, Hearing
from guards.naming import hear_names
from guards.rule import Action, Encode
from guards.ruleset import RuleSet
from guards.spans import told_apart
from guards.talk.conversation import Conversation
from guards.thresholds import Thresholds
from guards.verdict import Kind, Match, Outcome, Verdict

_LOWEST = Thresholds(asked=0.3, about=0.3)
"""Scores below say nothing: any two texts may come as close."""


def screen(conversation: Conversation, rules: RuleSet, encode: Encode) -> Verdict:
    """Judge the current turn of a conversation, with what earlier turns lend to it.

    A phrase at word boundaries matches with score 1; a window matches when its cosine to a filed
    question reaches its threshold (CURaTE, arXiv 2604.14644), or its cosine to the subject and
    the weight of the subject's surname in it together reach theirs (after DRAGON, arXiv
    2511.05784), and it lies no closer to what the rule retains; what matched before, or in the
    system prompt, matches on when the current turn has no subject of its own. Texts are embedded
    in one call, none when there are no rules. Errors of the encoder propagate: what could not be
    judged must not be served.
    """
    if not rules.rules or not conversation.messages:
        return Verdict("allow", rules.revision)
    hearing = _heard(conversation, rules, encode)
    found = hearing.evidence.matches()
    outcomes = {_outcome(rule.action, match) for rule, match in found}
    action: Outcome = next((o for o in ("refuse", "suppress") if o in outcomes), "allow")
    touched, clear = told_apart(hearing)
    return Verdict(action, rules.revision, tuple(m for _, m in found), touched, clear)


def best_scores(
    conversation: Conversation, rules: RuleSet, encode: Encode
) -> dict[Kind, tuple[float, str]]:
    """The highest score of each kind and the id of its rule, also far below the thresholds.

    What thresholds are calibrated by, and what tells how near a prompt came to a match.
    """
    if not rules.rules or not conversation.messages:
        return {}
    return _heard(conversation, replace(rules, thresholds=_LOWEST), encode).evidence.highest


def _heard(conversation: Conversation, rules: RuleSet, encode: Encode) -> Hearing:
    hearing = Hearing(conversation, rules)
    hear_names(hearing)
    hear_meaning(hearing, encode)
    return hearing


def _outcome(action: Action, match: Match) -> Outcome:
    if action is Action.OBSERVE:
        return "allow"
    if action is Action.REFUSE or (action is Action.AUTO and match.score >= CERTAIN):
        return "refuse"
    return "suppress"
