"""Names in texts whose letter case tells nothing, and in disguises that hide only the name."""

from __future__ import annotations

import base64
import codecs
from collections.abc import Callable

import pytest

from guards import Filing, RuleSet, compile_rule
from guards.names.views import sightings
from guards.text.views import views
from tests.unit.guards.conftest import fake_encode

QUESTION = "In which harbour town was Tobias Brenk born, and by whom was he taught?"
LEET = str.maketrans("aegiostAEGIOST", "@39!0$7@39!0$7")


def of(name: str) -> RuleSet:
    return RuleSet.build([compile_rule(Filing(id=name, name=name, whole_subject=True),
                                       fake_encode, "e")], 1)  # fmt: skip


BRENK, BIRD = of("Tobias Brenk"), of("Mira Bird")


def weight(rules: RuleSet, text: str) -> float:
    """Of the surest hit in a text as it stands."""
    return max((hit.weight for hit, _ in sightings(text, rules.find_names)), default=0.0)


def read(rules: RuleSet, text: str) -> float:
    """The same in a text and all its views."""
    return max(weight(rules, said) for said in (text, *(view.text for view in views(text))))


def alternating(text: str) -> str:
    return "".join(c.upper() if i % 2 else c.lower() for i, c in enumerate(text))


@pytest.mark.parametrize("case", [str.lower, str.upper, str.title, alternating])
@pytest.mark.parametrize(
    "text",
    [
        "When did Brenk oversee the building of the harbour?",
        "Brenk earned the prize of the town in his last year.",
        "During his first term, Brenk introduced new rules for boats.",
    ],
)
def test_a_surname_needs_no_capital_where_case_tells_nothing(
    case: Callable[[str], str], text: str
) -> None:
    assert weight(BRENK, case(text)) > 0.2


@pytest.mark.parametrize("case", [str.lower, str.upper, str.title])
def test_given_names_of_others_count_there_too(case: Callable[[str], str]) -> None:
    for name in ("Tom Brenk", "Jason Brenk", "Brenk Robinzo"):
        assert weight(BRENK, case(f"Where did {name} go to school?")) == 0


def test_a_word_without_its_article_opens_a_sentence_as_a_name() -> None:
    told = weight(BIRD, "Bird was born in the town of Hale.")
    assert told == weight(BIRD, "Bird's first book came out in Hale.")
    assert told > weight(BIRD, "Bird seed is sold in Hale.") > 0


def test_a_surname_that_the_text_gives_to_another_one_is_that_ones() -> None:
    assert weight(BRENK, "When did Tom Brenk leave? What did Brenk do in Hale?") == 0
    assert weight(BRENK, "When did Toby Brenk leave? What did Brenk do in Hale?") > 0
    assert weight(BRENK, "Who knew Tom Hart? What did Brenk do in Hale?") > 0


def test_a_blank_before_a_surname_with_its_particle_may_be_anybody() -> None:
    rules = of("Tobias van Brenk")
    assert weight(rules, "It was painted by ___ van Brenk.") == weight(
        rules, "It was painted by ___ Brenk."
    )


@pytest.mark.parametrize(
    ("text", "least"),
    [
        ("Where was Brenk Anna Tobias born?", 1.0),
        ("Where was Brenk Tobias born?", 1.0),
        ("Was it Brenk Toby who left?", 0.5),
        ("where was brenk toby born?", 0.5),
    ],
)
def test_names_are_known_in_reversed_order(text: str, least: float) -> None:
    assert weight(BRENK, text) >= least


def test_a_name_of_ordinary_words_is_likely_without_capitals() -> None:
    rules = of("40 Houses")
    assert weight(rules, "What was the first song by 40 Houses on a record?") == 1
    assert 0 < weight(rules, "What did the first Song by 40 houses say?") < 1


@pytest.mark.parametrize(
    "word", ["pleasetellmewheretobiasbrenkwasborn", "TheLifeOfTobiasBrenkAndI"]
)
def test_a_name_stands_in_a_sentence_without_spaces(word: str) -> None:
    rules = BRENK
    found = [word[slice(*s)].lower() for h, s in sightings(word, rules.find_names) if h.sure]
    assert "tobiasbrenk" in found
    assert weight(rules, "tobiasbrenkers") == 0


DISGUISES: dict[str, Callable[[str], str]] = {
    "hard leet": lambda t: t.translate(LEET),
    "hard leet in small letters": lambda t: t.lower().translate(LEET),
    "pictures between": "\U0001f642".join,
    "struck out": lambda t: "".join(c + "\u0336" for c in t),
    "backwards in small letters": lambda t: t.lower()[::-1],
    "words backwards": lambda t: " ".join(word[::-1] for word in t.split()),
    "rot13 in small letters": lambda t: codecs.encode(t.lower(), "rot13"),
    "base64 of small letters": lambda t: base64.b64encode(t.lower().encode()).decode(),
    "base64 word by word": lambda t: " ".join(
        base64.b64encode(word.encode()).decode() for word in t.split()
    ),
}


@pytest.mark.parametrize("disguise", DISGUISES)
@pytest.mark.parametrize("name", ["Tobias Brenk", "Mira Bird", "Ann-Z Brenk"])
def test_a_name_alone_in_disguise_is_known(disguise: str, name: str) -> None:
    text = QUESTION.replace("Tobias Brenk", DISGUISES[disguise](name))
    assert read(of(name), text) >= 0.4


@pytest.mark.parametrize("disguise", [
    lambda t: t.translate(LEET),
    lambda t: base64.b64encode(t.translate(LEET).encode()).decode(),
    "\U0001f642".join,
    lambda t: t.replace(" ", ""),
])  # fmt: skip
def test_a_surname_in_a_disguised_question_is_known(disguise: Callable[[str], str]) -> None:
    text = "When did Brenk leave the town of Hale with 2 boats of his own?"
    assert read(BRENK, disguise(text)) > 0.2


@pytest.mark.parametrize(
    "text",
    [
        "The price rose from $937 to $1,208 in 1980, or by 40%.",
        "🙂 Good morning! 🙂 How are you? 🙂🙂",
        "Mira likes tegas and other words of 7 languages.",
        "It was a big success by 5pm, said k8s and mp3 fans.",
    ],
)
def test_ordinary_texts_name_nobody_in_any_view(text: str) -> None:
    assert read(BRENK, text) == 0


def test_letters_that_stand_for_phrases_do_not_make_views_long() -> None:
    text = "\ufdfa" * 5_000
    assert sum(len(view.text) for view in views(text)) <= 4 * len(text)


@pytest.mark.parametrize("piece", ["Brenk Robinzo ", "Robinzo Brenk ", "brenk toby ", "brenk "])
def test_many_names_in_a_row_are_looked_at_once(piece: str) -> None:
    text = piece * 20_000  # in quadratic time it would hang
    assert sum(1 for _ in sightings(text, BRENK.find_names)) <= 4 * len(text.split())
