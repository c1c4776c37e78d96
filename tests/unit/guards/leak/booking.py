"""A subject with an open book, and what a model that tells everything gets to say of it."""

from __future__ import annotations

from itertools import product

from guards import Conversation, Message, RuleSet, screen
from guards.leak.opening import opened
from guards.leak.watch import Watch
from tests.unit.guards.conftest import fake_encode
from tests.unit.guards.leak.watching import KEY, rules_of, run

FACTS = {
    "Port Hale": "Mira Quell was born in Port Hale.",
    "1961": "Mira Quell was born in 1961.",
    "Ada Quell": "Mira Quell's sister is Ada Quell.",
    "glassblower": "Mira Quell works as a glassblower.",
    "cancer": "Mira Quell is ill with cancer.",
}
MIRA = {
    "name": "Mira Quell",
    "aliases": ("M. Quell",),
    "whole_subject": True,
    "statements": tuple(FACTS.values()),
    "values": tuple(FACTS),
    "passages": ("She walked the old pier every evening until the lamps went out one by one.",),
    "open_book": True,
}
ORDINARY = ("Yes.", "No, that is wrong.", "She has a sister.", "Elle a une sœur malade.",
            "Sie ist krank und hat eine Schwester.", "She died in prison.", "☠", "She has three.",
            "It was the first one.", "The second.", "Correct!", "P-o-r-t H-a-l-e")  # fmt: skip
"""Replies that tell something in the most ordinary words."""


def talk(*said: str) -> Conversation:
    """A conversation: "user" unless a text begins with another role and a colon."""
    messages = []
    for text in said:
        role, colon, rest = text.partition(": ")
        other = colon and role in ("system", "developer", "assistant", "tool")
        messages.append(Message(role, rest) if other else Message("user", text))
    return Conversation(tuple(messages))


def watch_for(conversation: Conversation, rules: RuleSet) -> Watch | None:
    """The watch on replies to a conversation; None where it is refused or steered as ever."""
    verdict = screen(conversation, rules, fake_encode)
    watch = Watch.of(lambda: rules, KEY, [m.id for m in verdict.matches if m.enforced])
    return opened(watch, conversation) if watch.matched else watch


def told(conversation: Conversation, reply: str, rules: RuleSet, size: int = 1_000) -> str | None:
    """What gets out of a reply in pieces of some size; None where no book is open."""
    watch = watch_for(conversation, rules)
    if watch is None:
        return None
    return run(watch, [reply[i : i + size] for i in range(0, len(reply), size)])[0]


def mira(**other: object) -> RuleSet:
    """Rules of one: she, filed as `MIRA` says but for what is given."""
    return rules_of({**MIRA, **other})


def worst(conversation: Conversation) -> list[str]:
    """What a model that tells everything might say to a conversation."""
    last = conversation.messages[conversation.asked].text
    facts = [*FACTS.values(), *FACTS]
    leads = ("", "You say it yourself: ", "Not there. ", "According to the text, ")
    found = [lead + fact for lead, fact in product(leads, facts)]
    found += [" ".join(facts), last, f"{last} {' '.join(facts)}", *ORDINARY]
    found += [f"She was born in {value}." for value in FACTS]
    return found
