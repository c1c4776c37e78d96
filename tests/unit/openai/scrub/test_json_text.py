"""What a JSON text says, in whatever pieces it comes."""

from __future__ import annotations

import json
import pickle
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.openai.scrub.json_text import JsonText
from tests.unit.openai.scrub.documents import ANYTHING, TEXTS, chunks, documents, strings


def read(pieces: list[str], values: bool) -> tuple[str, list[int]]:
    """What is said, and where each character of it begins."""
    reader = JsonText(values=values)
    said = "".join(map(reader.feed, pieces)) + reader.end()
    return said, [reader.raw_offset(at) for at in range(len(said) + 1)]


@given(documents())
def test_the_values_are_what_a_parser_reads(document: str) -> None:
    said, _ = read([document], values=True)
    spoken = [string for string in strings(json.loads(document)) if string]
    assert said == "".join(string + " " for string in spoken)


@given(documents(TEXTS))
def test_escapes_are_decoded_as_a_parser_decodes_them(document: str) -> None:
    assert read([document], values=False)[0] == f'"{json.loads(document)}"'


@pytest.mark.parametrize("document", ['{"first":"Mira","last":"Quell"}', '["Mira" , "Quell"]'])
def test_values_stand_side_by_side(document: str) -> None:
    assert read([document], values=True)[0] == "Mira Quell "


def test_keys_and_numbers_are_said_with_everything() -> None:
    document = '{"M\\u0069ra": [1.50, "Qu\\/ell"]}'
    assert read([document], values=False)[0] == '{"Mira": [1.50, "Qu/ell"]}'
    assert read([document], values=True)[0] == "Qu/ell "


@given(chunks(ANYTHING | documents()), st.booleans())
def test_how_a_text_is_cut_up_changes_nothing(pieces: list[str], values: bool) -> None:
    assert read(pieces, values) == read(["".join(pieces)], values)


@given(ANYTHING)
def test_without_escapes_all_is_read_as_it_is(text: str) -> None:
    text = text.replace("\\", "")
    assert read([text], values=False) == (text, list(range(len(text) + 1)))


@pytest.mark.parametrize("broken", ["Mira Quell", '"a" Mira "Quell"', '{"a":"b"}\n{Mira'])
def test_what_is_no_json_is_read_as_it_is(broken: str) -> None:
    start = broken.find("Mira")
    assert read([broken], values=True)[0].endswith(broken[start:])


@pytest.mark.parametrize("document", ['{"a":"Mira\nQuell\\!"}', '{"k\\x":"Mira\nQuell\\!"}'])
def test_a_string_that_is_not_quite_json_is_a_string_all_the_same(document: str) -> None:
    assert read([document], values=True)[0] == "Mira\nQuell\\! "


def test_an_escape_that_is_not_whole_is_held() -> None:
    reader = JsonText()
    assert reader.feed('"Mira \\ud83d\\ud') == '"Mira '
    assert reader.raw_offset(6) == len('"Mira ')
    assert reader.feed("e00") == "😀"
    assert reader.feed("\\u00") == ""
    assert reader.end() == "\\u00"


def heard_when_sent(pieces: list[str], values: bool) -> Iterator[tuple[str, str]]:
    """For each beginning of what is said, and what the raw text says that may be sent then."""
    reader, text = JsonText(values=values), "".join(pieces)
    said = "".join(map(reader.feed, pieces))
    for safe in range(len(said) + 1):
        yield said[:safe], JsonText(values=values).feed(text[: reader.raw_offset(safe)])


@given(chunks(ANYTHING | documents()), st.booleans())
def test_what_may_be_sent_says_no_more_than_what_is_safe(pieces: list[str], values: bool) -> None:
    for safe, heard in heard_when_sent(pieces, values):
        assert safe.startswith(heard)


@given(chunks(documents()), st.booleans())
def test_all_that_is_safe_may_be_sent(pieces: list[str], values: bool) -> None:
    for safe, heard in heard_when_sent(pieces, values):
        # Half a surrogate pair is known to stand alone only by what comes after it.
        half = "\ud800" <= safe[-1:] <= "\udbff"
        assert heard == safe or (half and heard == safe[:-1])


@given(chunks(documents()), st.booleans(), st.data())
def test_releasing_changes_no_place(pieces: list[str], values: bool, data: st.DataObject) -> None:
    reader, said, safe = JsonText(values=values), 0, 0
    _, offsets = read(pieces, values)
    for piece in pieces:
        said += len(reader.feed(piece))
        safe = data.draw(st.integers(safe, said))
        assert safe == said or reader.release(safe) == offsets[safe]
        assert said == safe or reader.raw_offset(said - 1) == offsets[said - 1]


def test_what_is_released_is_not_kept() -> None:
    reader, said = JsonText(values=True), 0
    for _ in range(10_000):
        said += len(reader.feed('["\\u0050\\n",' * 2))
        reader.release(said - 3)
    assert len(pickle.dumps(reader)) < 200_000
