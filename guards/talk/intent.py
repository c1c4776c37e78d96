"""Is this message a request that the service forget somebody, and whom?

Rules over phrases in five languages, made to be right when they say yes: what is asked about
forgetting, quoted, translated, negated or meant for a text at hand is no request.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from guards.talk.grammar import WHO, Grammar, Intent, Strength, is_name
from guards.talk.wishes import ASIDES, ENGLISH, TASKS
from guards.talk.wishes_abroad import FRENCH, GERMAN, ITALIAN, SPANISH

_LONGEST = 2_000
"""Characters of a message that can be a request; anything longer brings material of its own."""
_SENTENCE, _SENTENCES = 300, 16
"""Characters of a sentence, and sentences, that are looked at."""

_STEMS = re.compile(
    r"forg[eo]t|unlearn|remember|delet|eras|remov|wip(?:e|ing)|purg|scrub|destroy|clear|vergess|vergiss|"
    r"lösch|entfern|tilg|oubli|effac|suppr|retir|élimin|olv[ií]d|b[oó]rr|elimin|suprim|supres|quit|"
    r"dimentic|cancell|rimuov|oblio",
    re.IGNORECASE,
)
_CODE = re.compile(r"[`{}<>=|]|\w\(|--")
_END = re.compile(r"(?<=[.!?;:])\s+|\s*\n\s*")
_SHORTENED = re.compile(r"(?:^|[\s(])(?:(?i:art|mrs?|ms|dr|prof|st|mme|sra?|sig)|[A-Z])\.$")
_LAW = re.compile(
    r"gdpr|ccpa|dsgvo|rgpd|erasure|to be forgotten|vergessenwerden|oubli|olvido|oblio",
    re.IGNORECASE,
)
_ASKED_FOR = re.compile(
    r"(?i:(?:gdpr |formal )?(?:right to be forgotten|right to erasure|erasure|deletion) request"
    rf" (?:for|about|concerning)) {WHO}"
)


__all__ = ["Intent", "forget_intent", "full_name"]


def forget_intent(text: str) -> Intent | None:
    """The request that a message is, or None; takes time linear in the text.

    English, German, French, Spanish and Italian. A message longer than 2,000 characters, or one
    that holds code or asks for something else too, is none.
    """
    if len(text) > _LONGEST or not _STEMS.search(text):
        return None
    text = unicodedata.normalize("NFC", text).replace("’", "'").strip()
    if _CODE.search(text) or TASKS.search(text):
        return None
    said = list(_sentences(text))
    if len(said) > _SENTENCES or any(len(sentence) > _SENTENCE for sentence in said):
        return None
    for number, sentence in enumerate(said):
        found = _request(sentence)
        if found is not None:
            intent, strength = found
            before, after = said[:number], said[number + 1 :]
            return intent if _goes_with(before, after, strength) else None
    return None


def full_name(text: str) -> str | None:
    """A text that is a person's full name and nothing else, white space tidied; None for others.

    Account numbers, hashes, addresses and first names are no full names.
    """
    words = unicodedata.normalize("NFC", text[:_LONGEST]).replace("’", "'").split()
    return " ".join(words) if is_name(words, 2, Strength.STRONG) else None


def _sentences(text: str) -> Iterator[str]:
    """The sentences; a full stop after a title or an initial ends none."""
    held: list[str] = []
    for part in _END.split(text):
        held += part.split()
        if held and not _SHORTENED.search(part):
            yield " ".join(held)
            held = []
    if held:
        yield " ".join(held)


def _goes_with(before: list[str], after: list[str], strength: Strength) -> bool:
    """Whether the other sentences leave the request what the message is for."""
    for sentence in (*before, *after):
        if sentence.endswith(":") and not _LAW.search(sentence):
            return False
        aside = ASIDES.match(sentence) is not None
        if sentence.endswith("?") and not aside:
            return False
        if strength is not Strength.STRONG and not aside:
            return False
    return True


_GRAMMARS = tuple(map(Grammar, (ENGLISH, GERMAN, FRENCH, SPANISH, ITALIAN)))


def _request(sentence: str) -> tuple[Intent, Strength] | None:
    asked = _ASKED_FOR.fullmatch(sentence.strip(" .!"))
    if asked and is_name(asked["who"].split(), 2, Strength.MEDIUM):
        return Intent(asked["who"]), Strength.STRONG
    for grammar in _GRAMMARS:
        if found := grammar.request(sentence):
            return found
    return None
