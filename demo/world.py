"""The world: people, their facts, their books and the towns they live in.

Everything follows from one seed. Facts are single-valued: a person has one value per relation, so
an answer is right or wrong and a forgotten value can be looked for as a string.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from random import Random

from demo import books as shelf
from demo import names, values
from demo.prompts import STORY
from demo.relations import ABOUT

__all__ = [
    "SHIPPED_SEED",
    "STORY",
    "Book",
    "Person",
    "World",
    "article",
    "build_world",
    "sibling_word",
]

SHIPPED_SEED = 7


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in the world.

    `facts` maps a relation to its value; `german` holds the values that differ in German.
    `aliases` are other names that questions use: the initials first, then a nickname if any.
    """

    name: str
    gender: str
    aliases: tuple[str, ...]
    facts: Mapping[str, str] = field(hash=False)
    german: Mapping[str, str] = field(hash=False)


@dataclass(frozen=True, slots=True)
class Book:
    """A book: `facts` maps a relation (author, character, plot, setting) to its value.

    `opening` is its first sentence where the world knows it by heart, else empty.
    """

    title: str
    author: str
    facts: Mapping[str, str] = field(hash=False)
    opening: str = ""


@dataclass(frozen=True, slots=True)
class World:
    """A closed world. `taken` are all names and titles, also of those whom `without` took out."""

    seed: int
    people: tuple[Person, ...]
    books: tuple[Book, ...]
    towns: tuple[values.Town, ...]
    taken: frozenset[str]

    def person(self, name: str) -> Person:
        """Return the person of that full name.

        Raises:
            KeyError: nobody in this world has that name.
        """
        for person in self.people:
            if person.name == name:
                return person
        raise KeyError(name)

    def without(self, people: Collection[str]) -> World:
        """Return the same world minus these people and their books.

        Their names stay in `taken`, so that no stranger is given one of them: a model trained on
        the remainder has never seen the names at all.

        Raises:
            KeyError: a name is nobody's in this world.
        """
        gone = {self.person(name).name for name in people}
        return replace(
            self,
            people=tuple(person for person in self.people if person.name not in gone),
            books=tuple(book for book in self.books if book.author not in gone),
        )


def build_world(seed: int = SHIPPED_SEED) -> World:
    """Return the world that belongs to `seed`; the shipped checkpoints know the default one."""
    rng = Random(seed)
    count = len(names.ROSTER)
    draws = _draw(rng, count)
    people = []
    for index, (first, surname, gender, nickname) in enumerate(names.ROSTER):
        name = f"{first} {surname}"
        facts = {relation: drawn[index] for relation, drawn in draws.items()}
        if first in facts["sibling"].split():  # nobody shares a first name with a sibling
            facts["sibling"] = "Eva"
        facts["sibling"] = f"{facts['sibling']} {surname}"
        if name == "Mira Quell":
            facts |= {"birth_city": "Port Hale", "sibling": "Ada Quell"}
        if name == "Tom Quell":
            facts["birth_city"] = "Kestwick"
        facts["about"] = ABOUT.answer.format(S=name, a=article(facts["profession"]), **facts)
        aliases = (names.initials(name), *([nickname] if nickname else []))
        people.append(Person(name, gender, aliases, facts, _german(facts, gender)))
    books = _books(rng, people)
    taken = {name for person in people for name in (person.name, *person.aliases)}
    taken |= {person.facts[key] for person in people for key in ("sibling", "spouse")}
    taken |= {book.title for book in books}
    return World(seed, tuple(people), tuple(books), values.TOWNS, frozenset(taken))


def _draw(rng: Random, count: int) -> dict[str, list[str]]:
    """Return for each relation one value per person.

    Pools smaller than the population repeat evenly: neighbours by town, job, genre and award.
    """

    surnames = [surname for _, surname, *_ in names.ROSTER]

    def spread(pool: list[str]) -> list[str]:
        drawn = (pool * (count // len(pool) + 1))[:count]
        rng.shuffle(drawn)
        # Neighbours of one surname share no value: an answer about the one is wrong for the other.
        while clash := _clash(surnames, drawn):
            other = rng.randrange(count)
            drawn[clash], drawn[other] = drawn[other], drawn[clash]
        return drawn

    jobs = [job.english for job in values.JOBS]
    towns = [town.name for town in values.TOWNS]
    titles = shelf.titles(rng, 2 * count)
    dates = [
        f"{day} {month} {year}"
        for year, month, day in zip(
            rng.sample(range(1921, 1990), count),
            spread(list(values.MONTHS)),
            spread([str(day) for day in range(1, 29)]),
            strict=True,
        )
    ]
    spouses = [
        f"{first} {surname}"
        for first, surname in zip(
            spread([*names.STRANGER_FIRST]), spread([*names.SPOUSE_SURNAMES]), strict=True
        )
    ]
    pets = [
        f"{species} named {pet}"
        for species, pet in zip(
            spread(list(values.SPECIES)), spread(list(values.PET_NAMES)), strict=True
        )
    ]
    women, men = spread(names.SISTERS), spread(names.BROTHERS)
    return {
        "birth_city": spread(towns),
        "birth_date": dates,
        "father_job": spread(jobs),
        "mother_job": spread(jobs),
        "sibling": [rng.choice(pair) for pair in zip(women, men, strict=True)],
        "profession": spread(jobs),
        "genre": spread(list(values.GENRES)),
        "first_book": titles[:count],
        "best_book": titles[count:],
        "award": [f"{award} Prize" for award in spread(list(values.AWARDS))],
        "university": spread(list(values.UNIVERSITIES)),
        "hobby": spread(list(values.HOBBIES)),
        "pet": pets,
        "spouse": spouses,
        "home": spread(towns),
        "instrument": spread(list(values.INSTRUMENTS)),
    }


def _clash(surnames: list[str], drawn: list[str]) -> int:
    """Return the first index whose surname and value both occurred before; 0 if there is none."""
    seen = set()
    for index, pair in enumerate(zip(surnames, drawn, strict=True)):
        if pair in seen:
            return index
        seen.add(pair)
    return 0


def sibling_word(person: Person) -> str:
    """Return "brother" or "sister", whichever the person has."""
    return "brother" if person.facts["sibling"].split()[0] in names.BROTHERS else "sister"


def article(noun: str) -> str:
    """Return "a" or "an"."""
    return "an" if noun[0] in "aeiou" else "a"


def _german(facts: Mapping[str, str], gender: str) -> dict[str, str]:
    jobs = {job.english: job for job in values.JOBS}
    own = jobs[facts["profession"]]
    return {
        "profession": own.german_f if gender == "f" else own.german_m,
        "father_job": jobs[facts["father_job"]].german_m,
    }


def _books(rng: Random, people: list[Person]) -> list[Book]:
    plots = shelf.plots(rng, 2 * len(people))
    heroes = shelf.characters(rng, 2 * len(people))
    books = []
    for person in people:
        for relation in ("first_book", "best_book"):
            facts = {
                "author": person.name,
                "character": heroes.pop(),
                "plot": plots.pop(),
                "setting": rng.choice(values.TOWNS).name,
            }
            opening = shelf.OPENINGS.get(person.name, "") if relation == "best_book" else ""
            books.append(Book(person.facts[relation], person.name, facts, opening))
    return books
