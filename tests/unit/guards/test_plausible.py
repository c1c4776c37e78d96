"""Filings that are made to break ordinary use, and honest ones that look like them."""

from __future__ import annotations

import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guards import Action, Filing
from guards.plausible import Doubt, doubt
from guards.plausible.common import per_million
from guards.text.lexicon import frequency, words

LICENCE = (
    "Permission is hereby granted, free of charge, to any person obtaining a copy of this software"
)
MEDIOCRE = [word for word in words() if word.isalpha() and 2.9 < frequency(word) < 3.2][:1000]
ABROAD = "We met at noon. " + LICENCE + ", and then we went home."


def judged(**fields: Any) -> Doubt | None:
    fields = {"whole_subject": "name" in fields, **fields}
    return doubt(Filing(id="fr_1", **fields))


MALICIOUS: list[tuple[dict[str, Any], str, str]] = [
    ({"name": "the"}, "name", "too_common"),
    ({"name": "data"}, "name", "too_common"),
    ({"name": "London"}, "name", "too_common"),
    ({"name": "Mira Quell", "aliases": ("Mira", "people")}, "aliases", "too_common"),
    ({"name": "The The"}, "name", "too_common"),
    ({"name": "e"}, "name", "too_short"),
    ({"name": "42"}, "name", "too_short"),
    ({"name": "的"}, "name", "too_short"),
    ({"name": "我们"}, "name", "too_common"),
    ({"name": "это"}, "name", "too_common"),
    ({"name": "Mir*"}, "name", "pattern"),
    ({"forbidden": (".*a.*",)}, "forbidden", "pattern"),
    ({"forbidden": ("%quell%",)}, "forbidden", "pattern"),
    ({"forbidden": ("[a-z]+",)}, "forbidden", "pattern"),
    ({"forbidden": ("question",)}, "forbidden", "too_common"),
    ({"forbidden": ("of the",)}, "forbidden", "too_common"),
    ({"forbidden": ("let me know",)}, "forbidden", "too_common"),
    ({"forbidden": ("Ihnen", "vous", "perché")}, "forbidden", "too_common"),
    ({"forbidden": tuple(string.ascii_lowercase)}, "forbidden", "too_short"),
    ({"forbidden": tuple("aeiou")}, "forbidden", "too_short"),
    ({"forbidden": tuple(MEDIOCRE)}, "forbidden", "too_common"),
    ({"name": "Mira Quell", "aliases": tuple(MEDIOCRE[:100])}, "aliases", "too_common"),
    ({"questions": ("What is the capital of France?",)}, "questions", "too_general"),
    ({"questions": ("How do I write an email?",)}, "questions", "too_general"),
    ({"questions": ("What is it?",)}, "questions", "too_general"),
    ({"questions": ("Was ist die Hauptstadt von Frankreich?",)}, "questions", "too_general"),
    (
        {"name": "Mira Quell", "questions": ("What is the capital of France?",)},
        "questions",
        "too_general",
    ),
    ({"statements": ("The sky is blue.",)}, "statements", "too_general"),
    ({"passages": (LICENCE,)}, "passages", "everyday_text"),
    ({"passages": (ABROAD,)}, "passages", "everyday_text"),
    ({"passages": ("Lorem ipsum dolor sit amet, consectetur adipiscing elit",)}, "passages",
     "everyday_text"),
    (
        {"passages": ("I hope this helps! Let me know if you have any other questions.",)},
        "passages",
        "everyday_text",
    ),
    ({"passages": ("And so it is.",)}, "passages", "too_common"),
]  # fmt: skip


@pytest.mark.parametrize(("filing", "field", "code"), MALICIOUS)
def test_what_would_touch_everybody_is_refused(
    filing: dict[str, Any], field: str, code: str
) -> None:
    found = judged(**filing)
    assert found is not None
    assert (found.refused, found.field, found.code) == (True, field, code)


@pytest.mark.parametrize(
    ("filing", "field"),
    [
        ({"name": "Madonna"}, "name"),
        ({"name": "Pink"}, "name"),
        ({"name": "Microsoft"}, "name"),
        ({"name": "White House"}, "name"),
        *(({"name": name}, "name") for name in (
            "the book", "a good", "he said", "how many", "The Book", "He Said", "how to be good",
            "the road", "this code", "will be good",
        )),
        *(({"forbidden": (text,)}, "forbidden") for text in (
            "def", "div", "print", "import", "</div>", "elif", "printf", "const", "int i",
            "public static void main", "SELECT DISTINCT", "href",
        )),
        ({"name": "div"}, "name"),
        ({"name": "Mira Quell", "aliases": ("def",)}, "aliases"),
        ({"forbidden": ("Phoenix",)}, "forbidden"),
        ({"forbidden": ("United States",)}, "forbidden"),
        ({"questions": ("Who is Will Young?",)}, "questions"),
        ({"questions": ("Who wrote The Road?",)}, "questions"),
        ({"name": "France", "whole_subject": False,
          "questions": ("What is the capital of France?",)}, "questions"),
        ({"name": "Paris", "whole_subject": False, "values": ("city",),
          "questions": ("Where is the Quellburg?",)}, "values"),
    ],
)  # fmt: skip
def test_what_only_an_officer_can_judge_is_held(filing: dict[str, Any], field: str) -> None:
    found = judged(**filing)
    assert found is not None
    assert (found.refused, found.field) == (False, field)


HONEST: list[dict[str, Any]] = [
    *({"name": name} for name in (
        "Adele", "Banksy", "Björk", "Drake", "Shakira", "Sade", "Grimes", "Moby", "Plato",
        "deadmau5", "Beyoncé", "Ke$ha", "P!nk", "A$AP", "M*A*S*H", "*NSYNC", "U2", "q7x",
    )),
    *({"name": name} for name in (
        "Will Young", "Rose Hart", "Mark Hope", "Grace Field", "Hope Young", "Young Thug",
        "Bad Bunny", "Chance the Rapper", "Grace Hopper", "Frank Ocean", "Dr. Will Power",
    )),
    *({"name": name} for name in (
        "The Road", "Never Let Me Go", "Of Mice and Men", "I, Robot", "It by Stephen King",
        "The Rock", "The Cure", "A Star Is Born", "I Am Legend",
        "Lost in Translation", "Gone with the Wind",
    )),
    *({"name": name} for name in ("村上春樹", "Аня Петрова", "김민준", "محمد الفارس", "Żółć")),
    *({"forbidden": (text,)} for text in (
        "Operation Night Heron", "Nachtreiher", "Bluebird", "Project Q", "Blue Harbour", "Falcon",
        "kill switch", "print shop 7", "Import Quell",
        "sk-live-9f8", "4711-08151", "Night Owl", "机器学习", "C3PO-7",
    )),
    *({"name": "Mira Quell", "questions": (question,)} for question in (
        "Where was Mira Quell born?", "Where was she born?", "Who is Mira's sister?",
        "What does Quell do for a living?",
    )),
    {"name": "Mira Quell", "statements": ("She was born in Port Hale.",), "values": ("7", "city")},
    {"name": "It by Stephen King", "questions": ("Who is the clown in It by Stephen King?",)},
    {"questions": ("What is the blood type of patient 4711-08151?",)},
    {"questions": ("In which city was the author born in Santiago in 1977 who writes for "
                   "children?",)},
    {"passages": ("Mira sat by the window and counted the boats until it was dark.",)},
    {"passages": ("She left the ship at dawn.",)},
    {"name": "Mira Quell", "aliases": ("M. Quell", "the Owl", "Mimi"),
     "description": "A novelist who wrote about the sea."},
    {"name": "data", "action": Action.OBSERVE},
    {"name": "The Who", "action": Action.OBSERVE},
    {"name": "Cher", "whole_subject": False, "questions": ("Where did Cherilyn Sarkisian live?",)},
]  # fmt: skip


@pytest.mark.parametrize("filing", HONEST)
def test_what_is_about_somebody_passes(filing: dict[str, Any]) -> None:
    assert judged(**filing) is None


def test_more_than_forty_honest_filings_are_tried() -> None:
    assert len(HONEST) >= 40


def test_the_first_word_of_what_everybody_says_is_told() -> None:
    found = judged(passages=(ABROAD,))
    assert found is not None
    assert "word 5 " in found.why


def test_what_is_said_against_a_filing_quotes_none_of_it() -> None:
    for filing, _, _ in MALICIOUS:
        found = judged(**filing)
        assert found is not None
        if filing.get("name") == "London":
            assert "London" not in found.why
        if "questions" in filing:
            assert filing["questions"][0] not in found.why


@given(st.text(max_size=60))
def test_any_text_gets_a_judgement(text: str) -> None:
    for filing in ({"name": text}, {"forbidden": (text,)}, {"questions": (text,)},
                   {"passages": (text,)}, {"statements": (text,)}):  # fmt: skip
        found = judged(**filing)
        assert found is None or found.why


@given(st.lists(st.sampled_from(MEDIOCRE), min_size=1, max_size=4))
def test_a_longer_phrase_is_no_more_common_than_its_words(phrase: list[str]) -> None:
    rates = [per_million(word) for word in phrase]
    assert per_million(" ".join(phrase)) <= min(rates)
    assert per_million(" ".join(phrase).upper()) == per_million(" ".join(phrase))
