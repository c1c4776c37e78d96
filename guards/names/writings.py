"""The phrases of a rule as texts show them, and what each is to it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from guards.names.forms import Forms
from guards.names.views import loose_view, name_view
from guards.rule import Rule

ANCHOR, EPITHET, PHRASE, NAME, PERSON = range(5)
"""What a phrase is to a rule, the strongest last; a person's name has two words or more."""
JOINED, _JOINED_UNSPACED = 8, 4
"""Letters from which a name is also looked for without its spaces: "miraquell", "7quell"."""

_PLAIN = re.compile("[a-z0-9]+(?: [a-z0-9]+)*")
"""What all views show alike."""


def names_of(rule: Rule) -> list[str]:
    """The names that match by themselves."""
    return [name for name in rule.anchors if name in rule.phrases] if rule.whole_subject else []


def writings(rule: Rule, names: Sequence[str], people: Sequence[Forms]) -> dict[str, int]:
    """The phrases of a rule as the views show them, and what each is to it."""
    kinds = dict.fromkeys(rule.anchors, ANCHOR) | dict.fromkeys(rule.phrases, PHRASE)
    kinds |= dict.fromkeys(names, NAME)
    for form in people:
        kind = PERSON if len(form.words) > 1 else NAME
        kinds |= dict.fromkeys((form.name, *form.phrases), kind)
        if form.epithet:
            kinds.setdefault(form.epithet, EPITHET)
    found: dict[str, int] = {}
    for phrase, kind in kinds.items():
        strict = phrase if _PLAIN.fullmatch(phrase) else name_view(phrase).text.strip()
        loose = strict if _PLAIN.fullmatch(strict) else loose_view(phrase).text.strip()
        for written in (strict, loose) if loose != strict else (strict,):
            if written:
                found[written] = max(kind, found.get(written, kind))
        joined = strict.replace(" ", "")
        plain = joined.isascii() and joined.isalpha()
        least = JOINED if plain else _JOINED_UNSPACED
        if len(joined) >= least and joined != strict and joined.isalnum():
            found.setdefault(joined, min(kind, NAME))
    return found
