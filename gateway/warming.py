"""What is made at first use, made before anybody waits for it."""

from __future__ import annotations

from gateway.encoder import Encoder
from gateway.openai.voice import language_of
from guards import Conversation, Filing, Message, RuleSet, compile_rule, forget_intent, screen

_SAID = (
    ("user", "Who is Wilhelmina Karrowby, and where did Wm. Karrowby's sister live?"),
    ("assistant", "I do not know."),
    ("user", "Jurer vf fur? And xqzvt brblm: where was she born, and what did ミラ write?"),
)
"""An invented name in full and abridged, a pronoun, words of no language, another script."""


def warm_up(encoder: Encoder) -> None:
    """Judge one conversation by one rule; word lists, tables and buffers are there afterwards."""
    filing = Filing(
        id="", name="Bill Karrowby", questions=("Where was she born?",), whole_subject=True
    )
    rule = compile_rule(filing, encoder.encode, encoder.fingerprint, encoder.adapter)
    conversation = Conversation(tuple(Message(role, text) for role, text in _SAID))
    screen(conversation, RuleSet.build([rule], 0, adapter=encoder.adapter), encoder.encode)
    forget_intent(_SAID[-1][1])
    language_of([_SAID[0][1]])
