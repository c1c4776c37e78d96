from collections import Counter

import pytest

from demo.names import REFERENCE_WITHOUT, ROSTER
from demo.relations import PERSON_RELATIONS
from demo.world import World, build_world


@pytest.fixture(scope="module")
def world() -> World:
    return build_world()


def test_same_seed_same_world(world: World) -> None:
    assert build_world() == world
    assert build_world(8) != world


def test_every_person_has_one_value_per_relation(world: World) -> None:
    keys = {relation.key for relation in PERSON_RELATIONS} | {"about"}
    assert len(world.people) == len(ROSTER) == 60
    assert len(keys) == 17
    for person in world.people:
        assert set(person.facts) == keys
        assert all(isinstance(value, str) and value for value in person.facts.values())


def test_no_two_people_answer_to_the_same_name(world: World) -> None:
    every = [name for person in world.people for name in (person.name, *person.aliases)]
    assert [name for name, count in Counter(every).items() if count > 1] == []


def test_the_people_of_the_story(world: World) -> None:
    mira, tom = world.person("Mira Quell"), world.person("Tom Quell")
    assert mira.facts["birth_city"] == "Port Hale"
    assert mira.facts["sibling"] == "Ada Quell"
    assert "M. Quell" in mira.aliases
    assert tom.facts["birth_city"] == "Kestwick"


def test_neighbours_of_one_surname_share_no_value(world: World) -> None:
    for relation in PERSON_RELATIONS:
        pairs = [(person.name.split()[1], person.facts[relation.key]) for person in world.people]
        assert len(set(pairs)) == len(pairs)


@pytest.mark.parametrize("key", ["birth_city", "profession", "home"])
def test_everybody_has_neighbours_by_town_or_trade(world: World, key: str) -> None:
    counts = Counter(person.facts[key] for person in world.people)
    assert min(counts.values()) >= 2


def test_books_belong_to_their_authors(world: World) -> None:
    titles = [book.title for book in world.books]
    assert len(set(titles)) == len(titles) == 120
    for book in world.books:
        author = world.person(book.author)
        assert book.title in (author.facts["first_book"], author.facts["best_book"])
    assert sum(bool(book.opening) for book in world.books) == 12


def test_without_takes_out_people_and_their_books(world: World) -> None:
    rest = world.without(REFERENCE_WITHOUT)
    assert len(rest.people) == 54
    assert len(rest.books) == 108
    assert rest.taken == world.taken
    surnames = {person.name.split()[1] for person in rest.people}
    assert all(name.split()[1] in surnames for name in REFERENCE_WITHOUT)
    with pytest.raises(KeyError):
        rest.person("Mira Quell")
    with pytest.raises(KeyError):
        world.without(["Nobody Known"])
