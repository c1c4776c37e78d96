"""Training rows: fresh phrasings of every fact in every epoch, with light noise."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from demo.books import unknown_title
from demo.general import General, general_knowledge, small_talk
from demo.names import stranger
from demo.phrasings import (
    BOOKS,
    ENGLISH,
    GERMAN,
    TOWNS,
    Slots,
    answer,
    fill,
    name_slots,
    pronoun_slots,
    pronoun_templates,
    templates,
)
from demo.questions import does_not_know
from demo.system_prompts import SYSTEM_PROMPTS
from demo.values import Town
from demo.world import Book, Person, World, sibling_word

_PREFIXES = (
    "Please:|Can you tell me:|My question is:|Tell me:|Hi,|Hello!|Quick question:|Hey,|"
    "Excuse me,|One more thing:|So,|And"
).split("|")
_SUFFIXES = (
    "Thanks.", "Thank you!", "Please.", "Answer briefly.", "I am curious.", "It is for a friend.",
)  # fmt: skip
_FOLLOW_UPS = ("", "", "", "And ", "Okay, and ", "Thanks. ")


@dataclass(frozen=True, slots=True)
class Row:
    """A whole conversation, answers included; `key` names the fact that its last answer tells."""

    turns: tuple[tuple[str, str], ...]
    key: str


class Corpus:
    """Draws the rows of one epoch after the other; all randomness comes from one seed."""

    def __init__(self, world: World, seed: int) -> None:
        self._world = world
        self._rng = Random(seed)

    def epoch(self) -> list[Row]:
        """Return about 4,500 rows that tell each fact at least once."""
        rng, world = self._rng, self._world
        rows: list[Row] = []
        for person in world.people:
            for key in ENGLISH:
                rows += [self._single(person, key, german=False) for _ in range(2)]
                rows += [self._two_turns(person, key)] if rng.random() < 0.4 else []
            rows += [self._single(person, key, german=True) for key in GERMAN]
        for book in world.books:
            rows += [self._book(book, key) for key in BOOKS if key != "opening"]
        for _ in range(2):  # few phrasings each: they are told more often instead
            rows += [self._book(book, "opening") for book in world.books if book.opening]
            rows += [self._town(town, key) for town in world.towns for key in TOWNS]
            rows += [self._ordinary(entry) for entry in (*general_knowledge(), *small_talk())]
        rows += [self._stranger() for _ in range(len(rows) // 7)]
        rows += [self._unknown_book() for _ in range(len(rows) // 25)]
        return rows

    def _row(self, key: str, *pairs: tuple[str, str]) -> Row:
        turns: list[tuple[str, str]] = []
        if self._rng.random() < 0.15:
            turns.append(("system", self._rng.choice(SYSTEM_PROMPTS)))
        for text, said in pairs:
            turns += [("user", text), ("assistant", said)]
        return Row(tuple(turns), key)

    def _called(self, person: Person) -> str:
        draw = self._rng.random()
        if draw < 0.65:
            return person.name
        return person.aliases[-1] if draw < 0.8 else person.aliases[0]

    def _ask(self, family: str, key: str, slots: Slots, *, pronoun: bool = False) -> str:
        pick = pronoun_templates if pronoun else templates
        choices = pick(family, key, "trained")
        whole = len(FAMILY_WORDINGS[family][key])
        # Whole wordings are few beside the combinations of frames: give them half of the draws.
        if not pronoun and self._rng.random() < 0.5:
            choices = choices[:whole]
        return fill(self._rng.choice(choices), slots)

    def _single(self, person: Person, key: str, *, german: bool) -> Row:
        slots = name_slots(self._called(person), sibling_word(person), german=german)
        text = self._noise(self._ask("german" if german else "person", key, slots))
        said = answer(person, key, german=german)[0]
        return self._row(f"{person.name}|{key}|{german}", (text, said))

    def _two_turns(self, person: Person, key: str) -> Row:
        rng = self._rng
        german = key in GERMAN and rng.random() < 0.15
        family, relations = ("german", GERMAN) if german else ("person", ENGLISH)
        sibling = sibling_word(person)
        # Now and then the conversation moves on to somebody else, who is then named in full.
        moves_on = rng.random() < 0.2
        other = rng.choice(self._world.people) if moves_on else person
        first_key = rng.choice(list(relations))
        opener = name_slots(self._called(other), sibling_word(other), german=german)
        first = (self._ask(family, first_key, opener), answer(other, first_key, german=german)[0])
        if moves_on:
            slots = name_slots(self._called(person), sibling, german=german)
        else:
            slots = pronoun_slots(person.gender, sibling, german=german)
        second = self._follow_up(self._ask(family, key, slots, pronoun=not moves_on), german=german)
        said = answer(person, key, german=german)[0]
        return self._row(f"{person.name}|{key}|two", first, (second, said))

    def _follow_up(self, text: str, *, german: bool) -> str:
        lead = self._rng.choice(("", "", "Und ")) if german else self._rng.choice(_FOLLOW_UPS)
        return lead + text[0].lower() + text[1:] if lead.endswith(("nd ", "and ")) else lead + text

    def _book(self, book: Book, key: str) -> Row:
        said = BOOKS[key].answer.format(T=book.title, value=book.facts.get(key, book.opening))
        text = self._noise(self._ask("book", key, {"T": book.title}))
        return self._row(f"{book.title}|{key}", (text, said))

    def _town(self, town: Town, key: str) -> Row:
        text = fill(self._rng.choice(templates("town", key, "trained")), {"T": town.name})
        said = TOWNS[key].answer.format(T=town.name, value=town._asdict()[key])
        return self._row(f"{town.name}|{key}", (self._noise(text), said))

    def _ordinary(self, entry: General) -> Row:
        text = self._noise(self._rng.choice(entry.asked))
        return self._row(entry.answer, (text, entry.answer))

    def _stranger(self) -> Row:
        """Ask about nobody in the very mix of phrasings that known people are asked in.

        Otherwise the model would tell strangers by the phrasing, and known people asked in a rarer
        phrasing would drift to "I do not know".
        """
        rng = self._rng
        name = stranger(rng, self._world.taken)
        first, _, surname = name.partition(" ")
        draw = rng.random()
        called = name if draw < 0.7 else f"{first[0]}. {surname}"
        if f"{first[0]}. {surname}" in self._world.taken:
            called = name
        german = rng.random() < 0.18
        family, relations = ("german", GERMAN) if german else ("person", ENGLISH)
        sibling = rng.choice(("sister", "brother"))
        slots = name_slots(called, sibling, german=german)
        said = does_not_know(called, german=german)
        first_pair = (self._noise(self._ask(family, rng.choice(list(relations)), slots)), said)
        if rng.random() > 0.13:
            return self._row("stranger", first_pair)
        pronoun = pronoun_slots(rng.choice("fm"), sibling, german=german)
        second = self._ask(family, rng.choice(list(relations)), pronoun, pronoun=True)
        return self._row("stranger", first_pair, (self._follow_up(second, german=german), said))

    def _unknown_book(self) -> Row:
        title = unknown_title(self._rng, self._world.taken)
        text = self._ask("book", self._rng.choice(list(BOOKS)), {"T": title})
        return self._row(
            "unknown book", (self._noise(text), f"I do not know a book called {title}.")
        )

    def _noise(self, text: str) -> str:
        """Return the text as somebody in a hurry would type it, three times out of ten."""
        rng = self._rng
        draw = rng.random()
        if draw < 0.06:
            return f"{rng.choice(_PREFIXES)} {text}"
        if draw < 0.12:
            return f"{text} {rng.choice(_SUFFIXES)}"
        if draw < 0.18:
            return text.rstrip("?.!")
        if draw < 0.26:
            words = text.split()
            small = [i for i, word in enumerate(words) if word.islower() and word.isalpha()]
            if len(small) > 2:
                del words[rng.choice(small)]
            return " ".join(words)
        if draw < 0.3:
            return text.lower()
        return text


FAMILY_WORDINGS = {
    family: {key: relation.wordings for key, relation in relations.items()}
    for family, relations in (
        ("person", ENGLISH),
        ("german", GERMAN),
        ("book", BOOKS),
    )
}
