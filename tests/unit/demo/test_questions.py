from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demo.corpus import Corpus
from demo.names import REFERENCE_WITHOUT, stranger
from demo.phrasings import FAMILIES, TIERS, templates
from demo.questions import GROUPS, Question, questions
from demo.world import World, build_world


@pytest.fixture(scope="module")
def world() -> World:
    return build_world()


@pytest.fixture(scope="module")
def asked(world: World) -> list[Question]:
    return [q for tier in TIERS for group in GROUPS for q in questions(world, tier, group)]


def test_no_held_out_template_is_trained() -> None:
    for family, (relations, _) in FAMILIES.items():
        trained = {t for key in relations for t in templates(family, key, "trained")}
        for tier in TIERS[1:]:
            held_out = {t for key in relations for t in templates(family, key, tier)}
            assert not trained & held_out


def test_no_held_out_text_is_ever_drawn_for_training(world: World, asked: list[Question]) -> None:
    held_out = {q.text for q in asked if q.tier != "trained"}
    corpus = Corpus(world, seed=3)
    drawn = {
        text for _ in range(5) for row in corpus.epoch() for role, text in row.turns
        if role == "user"
    }  # fmt: skip
    # Dropping a word or adding a suffix may hit on a held-out wording by chance, hardly ever.
    assert len(held_out & drawn) <= len(held_out) // 500


def test_questions_are_deterministic_and_independent_of_other_people(world: World) -> None:
    rest = world.without(REFERENCE_WITHOUT)
    every = questions(world, "held_out", "plain")
    assert every == questions(build_world(), "held_out", "plain")
    kept = [question for question in every if question.person not in REFERENCE_WITHOUT]
    assert questions(rest, "held_out", "plain") == kept


def test_answers_contain_their_values(asked: list[Question]) -> None:
    assert len(asked) > 10_000
    for question in asked:
        assert question.value in question.answer
        assert bool(question.value) == (question.group != "unknown")
        assert question.messages[-1] == {"role": "user", "content": question.text}


def test_no_placeholder_is_left(asked: list[Question]) -> None:
    assert not [q for q in asked for _, text in q.turns if "{" in text or "}" in text]


def test_an_unknown_group_is_refused(world: World) -> None:
    with pytest.raises(ValueError, match="no group"):
        questions(world, "trained", "poems")


def test_training_never_names_those_left_out(world: World) -> None:
    gone = [world.person(name) for name in REFERENCE_WITHOUT]
    never = {name for person in gone for name in (person.name, *person.aliases)}
    never |= {p.facts[key] for p in gone for key in ("first_book", "best_book", "spouse")}
    corpus = Corpus(world.without(REFERENCE_WITHOUT), seed=3)
    text = "\n".join(text for row in corpus.epoch() for _, text in row.turns)
    assert not [name for name in never if name in text]


def test_the_corpus_is_deterministic_and_varies_by_epoch(world: World) -> None:
    first, second = Corpus(world, seed=5), Corpus(world, seed=5)
    one = first.epoch()
    assert one == second.epoch()
    assert one != first.epoch()
    keys = {row.key for row in one}
    assert all(f"{p.name}|{key}|False" in keys for p in world.people for key in p.facts)


@given(seed=st.integers(min_value=0, max_value=2**32), unseen=st.booleans())
def test_strangers_are_strangers(seed: int, unseen: bool) -> None:
    taken = build_world().taken
    assert stranger(Random(seed), taken, unseen=unseen) not in taken
