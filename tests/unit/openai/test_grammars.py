"""Patterns and grammars are read as what they spell."""

from __future__ import annotations

import time

import pytest

from folding import fold
from gateway.openai.grammars import patterns_in, readings


@pytest.mark.parametrize(
    "text",
    [
        r"Mira\s+Quell", r"Mira\ Quell", r"Mira\x20Quell", r"\u004dira Quell",
        r"\u{4d}ira\u{20}Quell",
        "[M]ira Quell", "[Mm]ira[ ]Quell", "Mira[ -]Quell", r"Mira[\s]Quell", "Mira.Quell",
        "(Mira) (Quell)", "(?:Mira) +(?P<last>Quell)", "^Mira Quell$", "Mi{1}ra{1,1} Quell",
        "(Mira|Tom) (Quell|Doe)", "Mira[^x]Quell", "x|Mira[ ]Quell",
        'root ::= "Mira" " " "Quell"', 'root ::= "Mi" "ra Quell"',
        'root ::= a " " b\na ::= "Mira"\nb ::= "Quell"', r'root ::= "M\x69ra Quell"',
    ],
)  # fmt: skip
def test_the_name_is_read(text: str) -> None:
    assert any("mira quell" in fold(reading).text for reading in (text, *readings(text)))


@pytest.mark.parametrize("text", ["", "Mira Quell", "a plain, harmless sentence!"])
def test_plain_text_has_no_other_reading(text: str) -> None:
    assert not list(readings(text))


def test_only_patterns_of_tools_are_patterns() -> None:
    schema = {
        "description": "the weather (in degrees)",
        "properties": {"who": {"type": "string", "pattern": r"Mira\s+Quell"}},
        "items": [{"patternProperties": {"a+": {"type": "string"}}}],
    }
    assert sorted(patterns_in(schema)) == [r"Mira\s+Quell", "a+"]


@pytest.mark.parametrize(
    "text", ["[", "[a", "(", "{1", "{" + "1" * 9, '"', '"a', "\\", "|", "(?<a"]
)
def test_long_patterns_are_read_in_linear_time(text: str) -> None:
    began = time.process_time()
    list(readings(text * (200_000 // len(text))))
    list(readings(text + "1" * 200_000))
    assert time.process_time() - began < 2
