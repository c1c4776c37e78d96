"""Judgement: does this conversation touch a forget request?

Pure functions over text and arrays. What arrives here has already been parsed, what leaves
is a `Verdict`; there is no I/O, no HTTP, no Redis and no model server in this room. The
sentence encoder is handed in as a plain callable (`Encode`).
"""

from folding import Folded, fold, stands_alone
from guards.blind.blinded import blinded
from guards.compile import Filing, compile_rule
from guards.errors import GuardError, RuleError
from guards.explain import Explanation, explain
from guards.rule import Action, Encode, Rule
from guards.ruleset import RuleSet
from guards.screen import best_scores, screen
from guards.stored import dump_rule, load_rule
from guards.talk.conversation import Conversation, Message
from guards.talk.intent import Intent, forget_intent
from guards.talk.threads import threads
from guards.text.questions import asks
from guards.thresholds import Thresholds
from guards.verdict import Match, Verdict

__all__ = [
    "Action",
    "Conversation",
    "Encode",
    "Explanation",
    "Filing",
    "Folded",
    "GuardError",
    "Intent",
    "Match",
    "Message",
    "Rule",
    "RuleError",
    "RuleSet",
    "Thresholds",
    "Verdict",
    "asks",
    "best_scores",
    "blinded",
    "compile_rule",
    "dump_rule",
    "explain",
    "fold",
    "forget_intent",
    "load_rule",
    "screen",
    "stands_alone",
    "threads",
]
