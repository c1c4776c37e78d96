"""How a fact is put into words: which templates belong to which tier, and how they are filled."""

from __future__ import annotations

import zlib
from functools import cache
from typing import Literal, TypeAlias

from demo import held_out
from demo.german import GERMAN_RELATIONS
from demo.relations import ABOUT, FRAMES, PERSON_RELATIONS, Relation
from demo.things import BOOK_RELATIONS, OPENING, TOWN_RELATIONS
from demo.world import Person, article, sibling_word

Tier: TypeAlias = Literal["trained", "held_out", "held_out_wording", "held_out_type"]
TIERS: tuple[Tier, ...] = ("trained", "held_out", "held_out_wording", "held_out_type")
Slots: TypeAlias = dict[str, str]

ENGLISH = {relation.key: relation for relation in (*PERSON_RELATIONS, ABOUT)}
GERMAN = {relation.key: relation for relation in GERMAN_RELATIONS}
BOOKS = {relation.key: relation for relation in (*BOOK_RELATIONS, OPENING)}
TOWNS = {relation.key: relation for relation in TOWN_RELATIONS}
# Family ("person", "german", "book", "town") to its relations and hand-written held-out wordings.
FAMILIES: dict[str, tuple[dict[str, Relation], dict[str, tuple[str, ...]]]] = {
    "person": (ENGLISH, held_out.PERSON),
    "german": (GERMAN, held_out.GERMAN),
    "book": (BOOKS, held_out.BOOK),
    "town": (TOWNS, held_out.TOWN),
}


@cache
def templates(family: str, key: str, tier: Tier) -> tuple[str, ...]:
    """Return the question templates of a relation in one tier; empty where the tier has none.

    "trained" is wordings and three quarters of frame x noun phrase, "held_out" the other quarter
    and every noun phrase in the frames held out whole, "held_out_wording" the hand-written ones,
    "held_out_type" sentences with a gap, a type of question that training does not contain.
    """
    relations, wordings = FAMILIES[family]
    relation = relations[key]
    if tier == "held_out_wording":
        return wordings.get(key, ())
    if tier == "held_out_type":
        return (held_out.CLOZE[key],) if family == "person" and key in held_out.CLOZE else ()
    nouns = [noun for noun in relation.nouns if noun]
    combinations = [(frame, noun) for frame in FRAMES for noun in nouns]
    if tier == "trained":
        kept = [pair for pair in combinations if not _is_held_out(key, *pair)]
        return relation.wordings + tuple(frame.replace("{np}", noun) for frame, noun in kept)
    kept = [pair for pair in combinations if _is_held_out(key, *pair)]
    kept += [(frame, noun) for frame in held_out.FRAMES for noun in nouns]
    formed = (frame.replace("{np}", noun) for frame, noun in kept)
    return tuple(template for template in formed if template not in relation.wordings)


def pronoun_templates(family: str, key: str, tier: Tier) -> tuple[str, ...]:
    """Return those templates that read naturally with "she" or "her" for the name."""
    every = templates(family, key, tier)
    if family == "german":
        return every
    return tuple(t for t in every if "{O}" not in t or "about {O}" in t or "made {O}" in t)


def _is_held_out(key: str, frame: str, noun: str) -> bool:
    """A quarter of the combinations, chosen by checksum: the same on every machine and run."""
    return zlib.crc32(f"{key}|{frame}|{noun}".encode()) % 4 == 0


def name_slots(name: str, sibling: str, *, german: bool = False) -> Slots:
    """Return what fills a template that calls the person by `name`."""
    word = {"sister": "die Schwester", "brother": "der Bruder"}[sibling] if german else sibling
    return {"S": name, "O": name, "P": f"{name}'s", "sib": word}


def pronoun_slots(gender: str, sibling: str, *, german: bool = False) -> Slots:
    """Return what fills a template that calls the person by a pronoun."""
    if german:
        subject, dative = ("sie", "ihr") if gender == "f" else ("er", "ihm")
        return name_slots("", sibling, german=True) | {"S": subject, "O": dative}
    subject, object_, possessive = ("she", "her", "her") if gender == "f" else ("he", "him", "his")
    return {"S": subject, "O": object_, "P": possessive, "sib": sibling}


def fill(template: str, slots: Slots) -> str:
    """Fill a template and begin it with a capital letter."""
    text = template.format_map(slots)
    return text[:1].upper() + text[1:]


def answer(person: Person, key: str, *, german: bool = False) -> tuple[str, str]:
    """Return the sentence that answers a question about a person, and the value in it."""
    if key == "about":
        return person.facts["about"], person.facts["profession"]
    relation = (GERMAN if german else ENGLISH)[key]
    value = person.german.get(key, person.facts[key]) if german else person.facts[key]
    slots = name_slots(person.name, sibling_word(person), german=german)
    return fill(relation.answer, slots | {"value": value, "a": article(value)}), value
