"""JSON that ends early can still be parsed."""

from __future__ import annotations

import json

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.openai.scrub.json_close import UnfinishedJson
from tests.unit.openai.scrub.documents import ANYTHING, chunks, documents


def closing(*pieces: str) -> str | None:
    unfinished = UnfinishedJson()
    for piece in pieces:
        unfinished.feed(piece)
    return unfinished.closing()


@given(documents())
def test_every_beginning_of_a_document_can_be_ended(document: str) -> None:
    unfinished = UnfinishedJson()
    for length in range(len(document) + 1):
        end = unfinished.closing()
        assert end is not None
        json.loads(document[:length] + end)
        unfinished.feed(document[length : length + 1])
    assert closing(document) == ""


@given(ANYTHING)
def test_what_is_no_beginning_has_no_end(text: str) -> None:
    end = closing(text)
    if end is not None:
        json.loads(text + end)
    else:
        with pytest.raises(json.JSONDecodeError):
            json.loads(text)


@given(chunks(ANYTHING | documents()))
def test_how_a_text_is_cut_up_changes_nothing(pieces: list[str]) -> None:
    assert closing(*pieces) == closing("".join(pieces))


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("", "null"),
        (" ", "null"),
        ('{"name": "Mi', '"}'),
        ("{", "}"),
        ('{"na', '":null}'),
        ('{"name"', ":null}"),
        ('{"name":', "null}"),
        ('{"name":1', "}"),
        ('{"name":1,', '"":null}'),
        ("[", "]"),
        ("[[1,", "null]]"),
        ("[tru", "e]"),
        ("[-", "0]"),
        ("[1.", "0]"),
        ("[1e", "0]"),
        ("[1E-", "0]"),
        ('"\\', 'u0020"'),
        ('"\\u00', '20"'),
        ('"\\u01', '00"'),
        ('"\\uD83', '0\\udc00"'),
        ('"\\ud83d', '\\udc00"'),
        ('"\\ud83d\\', 'udc00"'),
        ('"\\ud83d\\uD', 'c00"'),
        ('"\\ud83d\\uDE', '00"'),
        ("[01", None),
        ("[1,]", None),
        ("{]", None),
        ("]", None),
        ("nul ", None),
        ("NaN", None),
        ("{1", None),
        ('"\n', None),
        ('"\\x', None),
        ("1 2", None),
        ("[" * 20_000, None),
    ],
)
def test_what_is_added(text: str, end: str | None) -> None:
    assert closing(text) == end
    if end is not None:
        orjson.loads(text + end)  # refuses half a surrogate pair, too


def test_a_text_that_has_not_begun_is_what_the_caller_says() -> None:
    unfinished = UnfinishedJson()
    assert unfinished.closing(empty="{}") == "{}"
    unfinished.feed('{"a":')
    assert unfinished.closing(empty="{}") == "null}"


@given(documents(), st.data())
def test_at_a_good_place_nothing_is_made_up(document: str, data: st.DataObject) -> None:
    sent = data.draw(st.integers(0, len(document)))
    limit = data.draw(st.integers(0, len(document) - sent))
    unfinished = UnfinishedJson()
    unfinished.feed(document[:sent])
    cut = unfinished.cut(document[sent:], limit)
    assert 0 <= cut <= limit
    unfinished.feed(document[sent : sent + cut])
    end = unfinished.closing()
    assert end is not None
    json.loads(document[: sent + cut] + end)
    assert cut == 0 or set(end) <= set('"]}')


@pytest.mark.parametrize(
    ("text", "limit", "kept"),
    [
        ('{"phone":5551234}', 9, "{"),
        ('{"age":31,"phone":5551234}', 18, '{"age":31'),
        ('{"age":31,"phone":5551234}', 8, "{"),
        ('{"name":"Mira Quell"}', 9, '{"name":"'),
        ('{"name":"Mira Quell"}', 13, '{"name":"Mira'),
        ('["x","\\ud83d\\ude00"]', 12, '["x","'),
        ("[true,fal", 9, "[true"),
        ('{"a":"b","Mira":', 13, '{"a":"b"'),
        ("Mira Quell", 4, ""),
    ],
)
def test_where_a_text_is_cut(text: str, limit: int, kept: str) -> None:
    assert text[: UnfinishedJson().cut(text, limit)] == kept


def test_where_there_is_no_json_every_place_is_good() -> None:
    unfinished = UnfinishedJson()
    unfinished.feed("I know ")
    assert unfinished.cut("Mira Quell", 4) == 4
