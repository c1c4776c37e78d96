"""Questions with their right answers, by tier and group: what evaluation, tests and stories ask."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from demo import held_out
from demo.general import general_knowledge, small_talk
from demo.names import initials, stranger
from demo.phrasings import (
    BOOKS,
    ENGLISH,
    GERMAN,
    TOWNS,
    Tier,
    answer,
    fill,
    name_slots,
    pronoun_slots,
    pronoun_templates,
    templates,
)
from demo.system_prompts import SYSTEM_PROMPTS
from demo.world import Book, Person, World, sibling_word

GROUPS = (
    "plain", "alias", "german", "two_turn", "system", "unknown",
    "book", "passage", "town", "general", "small_talk",
)  # fmt: skip
STRANGERS_ASKED = 200


@dataclass(frozen=True, slots=True)
class Question:
    """A conversation that ends in a question, and what a model that knows the world says.

    `turns` are pairs of role and text. `value` is the fact inside `answer`; it is empty where the
    right answer is not to know. `person` is whom the question is about, or empty.
    """

    turns: tuple[tuple[str, str], ...]
    answer: str
    value: str
    person: str
    relation: str
    tier: Tier
    group: str

    @property
    def text(self) -> str:
        """The last user turn."""
        return self.turns[-1][1]

    @property
    def messages(self) -> list[dict[str, str]]:
        """The conversation in the shape of the OpenAI API."""
        return [{"role": role, "content": content} for role, content in self.turns]


def does_not_know(name: str, *, german: bool = False) -> str:
    """Return what the model says of somebody it never heard of."""
    return f"Ich weiß nichts über {name}." if german else f"I do not know anything about {name}."


def questions(world: World, tier: Tier = "trained", group: str = "plain") -> list[Question]:
    """Return one question per fact of the group, put in a phrasing of the tier.

    The choice of the phrasing depends on person, relation, group and tier only, so a world without
    some people is asked the same questions about the others. Some groups have no phrasing in some
    tiers; they give an empty list.

    Raises:
        ValueError: no such group.
    """
    if group not in GROUPS:
        raise ValueError(f"no group {group!r}; there are {', '.join(GROUPS)}")
    if group == "unknown":
        return list(_about_strangers(world, tier))
    if group in ("general", "small_talk"):
        return list(_ordinary(tier, group))
    if group == "town":
        return list(_about_towns(world, tier))
    if group in ("book", "passage"):
        return [q for book in world.books for q in _about_book(book, tier, group)]
    return [q for person in world.people for q in about_person(person, tier, group)]


def about_person(person: Person, tier: Tier, group: str = "plain") -> Iterator[Question]:
    """Yield one question per fact of the person (groups plain, alias, german, two_turn, system)."""
    german = group == "german"
    family = "german" if german else "person"
    for key in GERMAN if german else ENGLISH:
        rng = _rng(person.name, key, group, tier)
        pick = pronoun_templates if group == "two_turn" else templates
        choices = pick(family, key, tier)
        if not choices:
            continue
        sibling = sibling_word(person)
        called = rng.choice(person.aliases) if group == "alias" else person.name
        slots = name_slots(called, sibling, german=german)
        before: tuple[tuple[str, str], ...] = ()
        if group == "two_turn":
            before = _opening_turn(person, key, rng)
            slots = pronoun_slots(person.gender, sibling)
        if group == "system":
            pool = SYSTEM_PROMPTS if tier == "trained" else held_out.SYSTEM_PROMPTS
            before = (("system", rng.choice(pool)),)
        text = fill(rng.choice(choices), slots)
        said, value = answer(person, key, german=german)
        yield Question((*before, ("user", text)), said, value, person.name, key, tier, group)


def _opening_turn(person: Person, key: str, rng: Random) -> tuple[tuple[str, str], ...]:
    other = rng.choice([k for k in ENGLISH if k != key])
    text = fill(rng.choice(ENGLISH[other].wordings), name_slots(person.name, sibling_word(person)))
    return (("user", text), ("assistant", answer(person, other)[0]))


def _about_book(book: Book, tier: Tier, group: str) -> Iterator[Question]:
    for key, relation in BOOKS.items():
        value = book.facts.get(key, book.opening)
        choices = templates("book", key, tier)
        if not value or not choices or (key == "opening") != (group == "passage"):
            continue
        text = fill(_rng(book.title, key, group, tier).choice(choices), {"T": book.title})
        said = relation.answer.format(T=book.title, value=value)
        yield Question((("user", text),), said, value, book.author, key, tier, group)


def _about_towns(world: World, tier: Tier) -> Iterator[Question]:
    for town in world.towns:
        for key, relation in TOWNS.items():
            value = town._asdict()[key]
            if choices := templates("town", key, tier):
                text = fill(_rng(town.name, key, tier).choice(choices), {"T": town.name})
                said = relation.answer.format(T=town.name, value=value)
                yield Question((("user", text),), said, value, "", key, tier, "town")


def _ordinary(tier: Tier, group: str) -> Iterator[Question]:
    if tier not in ("trained", "held_out_wording"):
        return
    for entry in general_knowledge() if group == "general" else small_talk():
        rng = _rng(entry.answer, tier)
        text = rng.choice(entry.asked) if tier == "trained" else entry.held_out
        yield Question((("user", text),), entry.answer, entry.value, "", group, tier, group)


def _about_strangers(world: World, tier: Tier) -> Iterator[Question]:
    keys = sorted(ENGLISH)
    for index in range(STRANGERS_ASKED):
        rng = _rng("stranger", str(index), tier)
        name = stranger(rng, world.taken, unseen=tier != "trained")
        if rng.random() < 0.25:
            name = initials(name)
        if not (choices := templates("person", key := rng.choice(keys), tier)):
            continue
        text = fill(rng.choice(choices), name_slots(name, rng.choice(("sister", "brother"))))
        said = does_not_know(name)
        yield Question((("user", text),), said, "", name, key, tier, "unknown")


def _rng(*parts: str) -> Random:
    return Random(zlib.crc32("|".join(parts).encode()))
