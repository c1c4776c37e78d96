"""Forget requests as lines of a file, and back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import InvalidRequest, TooLarge
from gateway.lines import Lines
from gateway.registry.filed import filing_bytes
from gateway.registry.filing import Filing
from gateway.rows import COLUMNS, Format, columns_of, csv_head, csv_lines, json_line, row_of

STATE = {"id": "fr_1", "status": "completed", "version": 2}
text = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), max_size=8)
texts = text.map(lambda t: f"{t}a")
cells = texts.map(lambda t: t.replace("=", "-"))


def filings(of: st.SearchStrategy[str]) -> st.SearchStrategy[dict[str, Any]]:
    lists = st.lists(of, max_size=3, unique=True)
    fact = st.fixed_dictionaries({"statement": of, "values": lists})
    facts = st.lists(fact, max_size=2, unique_by=lambda made: made["statement"])
    return st.fixed_dictionaries(
        {
            "subject": st.fixed_dictionaries({"name": of, "aliases": lists, "description": of}),
            "scope": st.fixed_dictionaries(
                {"questions": lists, "passages": lists.map(lambda t: t[:1]), "facts": facts,
                 "forbidden": lists, "whole_subject": st.booleans()}
            ),
            "retain": lists,
            "open_book": st.booleans(),
            "regulation": st.sampled_from(["gdpr", "ccpa"]),
        }
    )  # fmt: skip


def body_of(line: bytes, columns: Sequence[str] | None) -> Any:
    return row_of(line, columns)[0]


def filed(body: dict[str, Any]) -> Filing:
    return Filing.model_validate(body)


def kept(filing: Filing) -> dict[str, Any]:
    told: dict[str, Any] = orjson.loads(filing_bytes(filing))
    return told


@given(filings(texts))
def test_json_lines_come_back_whole(body: dict[str, Any]) -> None:
    filing = filed(body)
    line = json_line(kept(filing), STATE)
    assert filed(body_of(line, None)) == filing
    assert row_of(line, None)[1] == STATE


@given(filings(cells), st.binary(max_size=3))
def test_csv_comes_back(body: dict[str, Any], cut: bytes) -> None:
    filing = filed(body)
    written = csv_head() + b"".join(csv_lines([(kept(filing), STATE)]))
    assert written.count(b"\n") >= 2
    found = Lines("csv", 2**20)
    place = len(written) // (2 + len(cut))
    told = [*found.feed(written[:place]), *found.feed(written[place:]), *found.flush()]
    assert [number for number, _ in told] == [1, 2]
    lines = [line for _, line in told]
    columns = columns_of(lines[0])
    assert columns == COLUMNS
    assert filed(body_of(lines[1], columns)) == filing
    assert row_of(lines[1], columns)[1] == {"id": "fr_1", "status": "completed"}


@given(st.lists(texts.map(str.encode), max_size=5), st.integers(1, 7))
def test_pieces_do_not_matter(given_lines: list[bytes], size: int) -> None:
    whole = b"\r\n".join(given_lines)
    found = Lines("jsonl", 2**20)
    pieces = [whole[i : i + size] for i in range(0, len(whole), size)]
    told = [line for piece in pieces for line in found.feed(piece)] + list(found.flush())
    assert told == list(enumerate(given_lines, 1))


@pytest.mark.parametrize("cell", ["=1+1", "+49 30", "-5", "@mention", "'=quoted"])
def test_nothing_that_a_spreadsheet_computes_is_written(cell: str) -> None:
    filing = {"subject": {"name": cell}}
    (line,) = csv_lines([(filing, {})])
    assert not line.startswith((b"=", b"+", b"-", b"@"))
    assert body_of(line.rstrip(), COLUMNS)["subject"]["name"] == cell


def test_a_line_has_a_bound_and_so_has_a_cell_that_never_ends() -> None:
    kinds: tuple[Format, Format] = ("jsonl", "csv")
    endless = ([b"x" * 600] * 2, [b'"' + b"x\n" * 300, b"x\n" * 300])
    for kind, pieces in zip(kinds, endless, strict=True):
        found = Lines(kind, 1_000)
        assert list(found.feed(pieces[0])) == []
        with pytest.raises(TooLarge):
            list(found.feed(pieces[1]))


def test_a_cell_with_a_million_lines_is_read_at_once() -> None:
    found = Lines("csv", 2**22)
    cell = b'"' + b"\n" * 2**20
    pieces = [cell[i : i + 2**16] for i in range(0, len(cell), 2**16)]
    assert [line for piece in pieces for line in found.feed(piece)] == []
    assert list(found.feed(b'"\nnext\n')) == [(1, cell + b'"'), (2**20 + 2, b"next")]


@pytest.mark.parametrize("size", [1, 3, 99])
def test_lines_are_numbered_as_an_editor_numbers_them(size: int) -> None:
    def numbers(kind: Format, text: bytes) -> list[int]:
        found = Lines(kind, 2**20)
        pieces = [text[i : i + size] for i in range(0, len(text), size)]
        told = [each for piece in pieces for each in found.feed(piece)] + list(found.flush())
        return [number for number, _ in told]

    assert numbers("jsonl", b"\n{}\r\n \n\n{}\n{}") == [2, 5, 6]
    assert numbers("csv", b'name\n"a\n\nb"\n\nc\n') == [1, 2, 6]


def test_a_cell_as_large_as_a_passage_comes_back() -> None:
    passage = "a long passage " * 20_000
    body = {"scope": {"passages": [passage]}}
    line = b"".join(csv_lines([(body, {})]))
    assert body_of(line, COLUMNS)["scope"]["passages"] == [passage.strip()]


def test_a_name_with_a_comma_is_not_filed_by_halves() -> None:
    with pytest.raises(InvalidRequest) as error:
        body_of(b"Quell, Mira", ("name",))
    assert error.value.code == "invalid_csv"
    assert body_of(b"Mira Quell,,", ("name",))["subject"] == {"name": "Mira Quell"}


@pytest.mark.parametrize("head", [b"name,what", b"name,name", b"\xff", b'"name'])
def test_columns_that_are_not_known(head: bytes) -> None:
    with pytest.raises(InvalidRequest):
        columns_of(head)


@pytest.mark.parametrize(
    ("head", "words"),
    [
        (b"name,Nickname", "'nickname' is none"),
        (b"name;aliases", "separated by commas"),
        (b"name\taliases", "separated by commas"),
        (b"blind,name,blind", "column blind twice"),
    ],
)
def test_what_is_wrong_with_the_columns_is_named(head: bytes, words: str) -> None:
    with pytest.raises(InvalidRequest, match=words) as error:
        columns_of(head)
    assert error.value.code == "bad_columns"


def test_columns_as_a_spreadsheet_writes_them() -> None:
    assert columns_of(b"\xef\xbb\xbfName, Aliases") == ("name", "aliases")
    body = body_of(b'Mira Quell,"M. Quell\nMQ"', ("name", "aliases"))
    assert body["subject"] == {"name": "Mira Quell", "aliases": ["M. Quell", "MQ"]}


@pytest.mark.parametrize("line", [b"{", b"\xff", b'{"subject": '])
def test_a_line_that_is_no_json(line: bytes) -> None:
    with pytest.raises(InvalidRequest):
        body_of(line, None)


def test_a_switch_that_is_none() -> None:
    with pytest.raises(InvalidRequest) as error:
        body_of(b"Mira Quell,perhaps", ("name", "blind"))
    assert error.value.param == "blind"
