"""What a filing may say, and which field is named when it says something else."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from gateway.registry.filed import filing_bytes, filing_from
from gateway.registry.filing import STORED, Filing, Withheld

ONE = {"subject": {"name": "Mira Quell"}}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, ()),
        ({"subject": {}}, ()),
        ({"subject": {"description": "about her"}}, ()),
        ({"subject": {"aliases": ["M. Quell"]}, "scope": {"forbidden": ["x1"]}}, ()),
        ({"subject": {"name": ""}}, ("subject", "name")),
        ({"subject": {"name": "  "}}, ("subject", "name")),
        ({"subject": {"name": "—!?"}}, ("subject", "name")),
        ({"subject": {"name": "\u200b\u200d"}}, ("subject", "name")),
        ({"subject": {"name": "x" * 201}}, ("subject", "name")),
        ({"subject": {"name": "Mira \ud800"}}, ("subject", "name")),
        ({"subject": {"name": 7}}, ("subject", "name")),
        ({"subject": {"name": "Mira Quell", "aliases": ["M", " "]}}, ("subject", "aliases", 1)),
        ({"subject": {"name": "Mira Quell", "aliases": ["M"] * 101}}, ("subject", "aliases")),
        ({"subject": {"name": "Mira Quell", "alias": ["M"]}}, ("subject", "alias")),
        ({"scope": {"questions": [""]}}, ("scope", "questions", 0, "question")),
        ({"scope": {"questions": [{"answer": "x"}]}}, ("scope", "questions", 0, "question")),
        ({"scope": {"questions": ["x" * 2_001]}}, ("scope", "questions", 0, "question")),
        ({"scope": {"questions": ["Who?"] * 1_001}}, ("scope", "questions")),
        ({"scope": {"passages": ["..."]}}, ("scope", "passages", 0)),
        ({"scope": {"passages": ["x" * 100_001]}}, ("scope", "passages", 0)),
        ({"scope": {"facts": [{"values": ["x"]}]}}, ("scope", "facts", 0, "statement")),
        ({"scope": {"facts": [{"statement": "x", "values": ["-"]}]}},
         ("scope", "facts", 0, "values", 0)),
        ({"scope": {"forbidden": ["*"]}}, ("scope", "forbidden", 0)),
        (ONE | {"retain": [{"question": "?"}]}, ("retain", 0, "question")),
        (ONE | {"action": "explode"}, ("action",)),
        (ONE | {"open_book": "perhaps"}, ("open_book",)),
        (ONE | {"blind": "perhaps"}, ("blind",)),
        (ONE | {"regulation": "none"}, ("regulation",)),
        (ONE | {"subject_request_id": "x"}, ("subject_request_id",)),
        (ONE | {"subject_request_id": "c9bf9e57-1685-1c89-bafb-ff5af830be8a"},
         ("subject_request_id",)),
        (ONE | {"status_callback_urls": ["https://a.example/"] * 11}, ("status_callback_urls",)),
        (ONE | {"status_callback_urls": ["ftp://a.example/"]}, ("status_callback_urls", 0)),
        (ONE | {"status_callback_urls": ["https:///path"]}, ("status_callback_urls", 0)),
        (ONE | {"status_callback_urls": ["https://u:p@a.example/"]}, ("status_callback_urls", 0)),
        (ONE | {"status_callback_urls": ["https://u@a.example/"]}, ("status_callback_urls", 0)),
        (ONE | {"status_callback_urls": ["https://a.example:99999"]}, ("status_callback_urls", 0)),
        (ONE | {"status_callback_urls": ["https://a.example:0"]}, ("status_callback_urls", 0)),
        (ONE | {"status_callback_urls": ["a.example"]}, ("status_callback_urls", 0)),
        (ONE | {"status_callback_urls": ["https://[::1"]}, ("status_callback_urls", 0)),
        (ONE | {"status_callback_urls": ["https://a.example/" + "x" * 2_000]},
         ("status_callback_urls", 0)),
        (ONE | {"surprise": 1}, ("surprise",)),
    ],
)  # fmt: skip
def test_bad_input_names_its_field(body: dict[str, Any], field: tuple[str | int, ...]) -> None:
    with pytest.raises(ValidationError) as error:
        Filing.model_validate(body)
    assert [e["loc"] for e in error.value.errors()] == [field]


def test_a_filing_that_says_nothing_is_told_what_could_be_said() -> None:
    with pytest.raises(ValidationError, match=r"subject\.name, scope\.questions"):
        Filing.model_validate({"scope": {"whole_subject": True}})


@pytest.mark.parametrize(
    "scope",
    [
        {"questions": ["Where was Mira Quell born?"]},
        {"passages": ["Once upon a time"]},
        {"facts": [{"statement": "She was born in Port Hale.", "values": ["Port Hale"]}]},
        {"forbidden": ["Operation Night Heron"]},
    ],
)
def test_each_part_of_the_scope_is_enough(scope: dict[str, Any]) -> None:
    filing = Filing.model_validate({"scope": scope})
    assert not filing.whole_subject


@pytest.mark.parametrize(
    ("body", "whole"),
    [
        (ONE, True),
        (ONE | {"scope": {"whole_subject": False}}, False),
        ({"scope": {"forbidden": ["Night Heron"]}}, False),
        ({"scope": {"forbidden": ["Night Heron"], "whole_subject": True}}, True),
    ],
)
def test_the_whole_subject_by_default_when_it_has_a_name(body: dict[str, Any], whole: bool) -> None:
    assert Filing.model_validate(body).whole_subject is whole


def test_an_open_book_needs_somebody_whom_it_is_about() -> None:
    assert Filing.model_validate(ONE | {"open_book": True}).open_book
    with pytest.raises(ValidationError, match=r"open_book needs subject\.name"):
        Filing.model_validate({"scope": {"forbidden": ["Night Heron"]}, "open_book": True})


def test_a_question_may_be_a_plain_text() -> None:
    plain = Filing.model_validate(ONE | {"scope": {"questions": [" Who is she? "]}})
    full = Filing.model_validate(ONE | {"scope": {"questions": [{"question": "Who is she?"}]}})
    assert plain == full


def test_what_was_stored_is_read_without_judging_it_again() -> None:
    Filing.model_validate({"subject": {"name": "?!"}}, context=STORED)


FULL = {
    "subject": {"name": "Mira Quell", "aliases": ["M. Quell"], "description": "About Mira."},
    "scope": {
        "questions": ["Where was Mira born?", {"question": "Who is her sister?", "answer": "Ada"}],
        "passages": ["Once upon a time in Hale"],
        "facts": [{"statement": "She was born in Hale.", "values": ["Hale", "Port Hale"]}],
        "forbidden": ["Night Heron"],
        "paraphrases": False,
    },
    "retain": ["Where was Tom Quell born?"],
    "action": "refuse",
    "regulation": "dmca",
    "subject_request_id": "2f1d6c1e-6d0c-4f5e-9a3c-3f1a5f0b7a11",
    "blind": True,
}


def test_of_a_blind_filing_no_text_is_kept() -> None:
    filing = Filing.model_validate(FULL)
    kept = filing.kept
    stored = filing_bytes(kept)
    for word in ("Mira", "Quell", "Hale", "Ada", "Heron", "Tom", "sister", "time", "born"):
        assert word.lower() not in stored.decode().lower()
    assert kept.withheld == Withheld(
        names=1, aliases=1, descriptions=1, questions=2, answers=1, passages=1, facts=1, values=2,
        forbidden=1, retain=1,
    )  # fmt: skip
    for same in ("action", "regulation", "subject_request_id", "blind", "whole_subject"):
        assert getattr(kept, same) == getattr(filing, same)
    assert not kept.scope.paraphrases
    assert filing_from(stored) == kept == kept.kept


def test_a_filing_that_is_not_blind_is_kept_as_it_is() -> None:
    filing = Filing.model_validate(FULL | {"blind": False})
    assert filing.kept is filing
    assert filing_bytes(filing) == filing_bytes(Filing.model_validate(FULL | {"blind": False}))


def test_a_blind_filing_has_no_open_book() -> None:
    with pytest.raises(ValidationError, match="leave out one of both"):
        Filing.model_validate(ONE | {"blind": True, "open_book": True})
