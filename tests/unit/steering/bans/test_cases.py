"""What a user would try, and what must go on working."""

from __future__ import annotations

import pytest

from folding import fold
from steering import EngineRule
from steering.bans import Compiled, Matcher, Phrase, Vocabulary
from steering.bans import compiled as module
from steering.errors import BadBans
from tests.unit.steering.bans.conftest import compiled, forbidden, masked


@pytest.mark.parametrize(
    "written",
    [
        ["Mira"], ["M", "i", "r", "a"], ["mira"], ["MIRA"], ["I met Mira"], ["(Mira"], ["# **Mira"],
        ["Mi", "\u200b", "ra"], ["Mi\u00adra"], ["Míra"], ["Мira"], ["Ｍｉｒａ"], ["M\u0131ra"],
        [b"Mir", b"\xc3", b"\xa0"], ["x-Mira"], ["'Mira"],
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "between", [" ", "  ", "-", "\n", " - ", ". ", "** **", "_", "/", "\u00a0"]
)
def test_any_spelling(written: list[str | bytes], between: str) -> None:
    tokens = ["Quell", "quell", "QUELL's", "Quells", "Qu", "Quellen", " Quell", "the", "‘Quell’"]
    wanted = ["Quell", "quell", "QUELL's", "Quells", " Quell", "‘Quell’"]
    assert masked(["Mira Quell"], tokens, [*written, between]) == wanted
    assert masked(["MIRA-QUELL!"], tokens, [*written, between]) == wanted
    assert masked(["Mira Quell"], [between + "Quell", between + "Qu"], written) == [
        between + "Quell"
    ]
    assert masked(["Mira Quell"], ["ell", "el", "ellen", "ell."], [*written, between, "Qu"]) == [
        "ell", "ell.",
    ]  # fmt: skip


def test_beginning_a_string_is_free() -> None:
    assert masked(["the lake"], ["the", " the", "lake", " lake"]) == []
    assert masked(["the lake"], ["the", " the", "lake", " lake"], ["By", " the"]) == [" lake"]


def test_words_that_begin_alike() -> None:
    tokens = ["Ann", " Ann", " Annual", " Anna", "ual", "Ann's", "Anns", " Ann,", "Ann's song", "n"]
    wanted = ["Ann", " Ann", "Ann's", "Anns", " Ann,", "Ann's song"]
    assert masked(["Ann"], tokens) == wanted
    assert masked(["Ann"], tokens, ["Jo"]) == [" Ann", " Ann,"]  # "JoAnn" is another name
    assert masked(["Ann"], ["n", "na", "ns", "n's", "nsley"], ["An"]) == ["n", "ns", "n's"]
    assert masked(["Jones"], ["es", "eses", "eser"], ["Jon"]) == ["es", "eses"]


def test_one_string_begins_another() -> None:
    both = ["Mira", "Mira Quell"]
    assert masked(both, ["Mira", " Quell"], ["Mira"]) == [" Quell"]
    assert masked(both, ["ra", " Quell"], ["Mi"]) == ["ra"]


def test_strings_that_overlap() -> None:
    phrases = ["new york city", "york city hall", "city lights"]
    tokens = [" hall", " lights", " city", " York"]
    assert masked(phrases, tokens, ["New", " York", " City"]) == [" hall", " lights"]
    assert masked(["a a b"], ["b", "a"], ["a ", "a ", "a "]) == ["b"]


def test_symbols_tell_names_apart() -> None:
    assert masked(["C++"], ["C", "C++", "++", "+"]) == ["C++"]
    assert masked(["C++"], ["++", "+", "+-", "++x"], ["C"]) == ["++", "++x"]
    assert masked(["$100"], ["100", "$100", "$1000", "US$100"]) == ["$100", "US$100"]
    assert masked(["AT&T"], ["AT T", "at&t", "AT&Ts"]) == ["at&t", "AT&Ts"]


def test_scripts_without_spaces() -> None:
    every = ["東京", "在東京", "京", "京都", "京a"]
    assert masked(["東京"], [*every, "x"], ["東"]) == every
    raw = "京".encode()
    assert masked(["東京"], [raw[1:], raw[:2], raw[2:], b"\x80"], ["在東", raw[:1]]) == [raw[1:]]
    assert masked(["東京"], [raw[1:], raw[2:]], ["東", raw[:2]]) == [raw[2:]]
    *begun, last = [bytes([byte]) for byte in "在東京都庁".encode()]
    assert masked(["東京都庁"], [last], prompt=begun) == [last]
    # A final consonant makes another syllable.
    assert masked(["가"], ["가", "각", "가나"]) == ["가", "가나"]


def test_a_broken_character_parts_words() -> None:
    assert masked(["Ann"], ["Ann", b"\xa9Ann", b"\xa9 Ann"], ["Jo", b"\xc3"]) == [
        "Ann",
        b"\xa9 Ann",
    ]
    assert masked(["Mira Quell"], [" Quell", b"\xa9 Quell"], ["Mir", b"\xc3"]) == []


def test_begun_in_the_prompt() -> None:
    tokens = [" Quell", "ll", "Ann"]
    assert masked(["Mira Quell"], tokens, prompt=["Who is Mira"]) == [" Quell"]
    assert masked(["Mira Quell"], tokens, [" Que"], prompt=["Mira"]) == ["ll"]
    assert masked(["Ann"], tokens, prompt=["Jo"]) == []
    far = ["Mira"] + [" \u200b"] * 5_000
    assert masked(["Mira Quell"], tokens, prompt=far) == [" Quell"]
    assert masked(["Mira Quell"], tokens, prompt=["Mira Quell is Mira", None, "\n"]) == []


@pytest.mark.parametrize("before", ["x" * 40, "東京" * 20, "é" * 40])
def test_begun_far_into_the_prompt(before: str) -> None:
    for whole, wanted in (("an an", ["n"]), ("Jan an", []), ("J an an", ["n"])):
        prompt = [bytes([byte]) for byte in f"{before} {whole}".encode()]
        assert masked(["an ann"], ["n", "x"], prompt=prompt) == wanted
        assert masked(["an ann"], ["n", "x"], written=prompt * 5) == wanted


def test_special_tokens_write_nothing() -> None:
    vocabulary, bans = compiled([None, b"Mi", b"ra", b"Jo", b"Mira"], ["Mira"])
    matcher = Matcher(vocabulary, [bans])
    for output, wanted in (
        ([1, 0], {2, 4}),  # left out of the text, it would be "Mira"
        ([3, 0], {4}),  # written, "Mira" would stand alone
        ([3], set()),
        ([99, -5], {4}),
    ):
        matcher.read(output)
        assert forbidden(matcher) == wanted
        assert 0 not in forbidden(matcher)


def test_tokens_taken_back() -> None:
    vocabulary, bans = compiled([b" Mira", b" Quell", b" x"], ["Mira Quell", "x x x"])
    matcher = Matcher(vocabulary, [bans])
    for output, wanted in (
        ([0], {1}), ([0, 2], set()), ([0], {1}), ([2], set()), ([2, 2], {2}), ([], set()),
        ([2] * 400, {2}), ([2] * 400 + [0], {1}),
    ):  # fmt: skip
        matcher.read(output)
        assert forbidden(matcher) == wanted


@pytest.mark.parametrize("text", ["...", "—", "**", "\u200b", "' '"])
def test_nothing_to_ban(text: str) -> None:
    with pytest.raises(BadBans):
        Phrase.of(text)
    with pytest.raises(BadBans, match="letter"):
        EngineRule("r", 1, bans=("fine", text + "."))


def test_nothing_banned() -> None:
    vocabulary = Vocabulary([b"a", b"", None, b"\xff"])
    assert forbidden(Matcher(vocabulary, [])) == set()
    vocabulary, bans = compiled([b"a", b"", None], [])
    matcher = Matcher(vocabulary, [bans])
    matcher.read([0, 1, 2])
    assert forbidden(matcher) == set()


def test_every_character_is_spelled() -> None:
    for number in range(0x3000):
        text = f"a{chr(number)}b"
        key = Phrase.of(text).key
        assert key == Phrase.of(fold(text).text).key
        assert key[:1] == b"a"
        assert key[-1:] == b"b"


def test_compiled_bans_are_shared_and_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST_BYTES", 1_000)
    rules = Compiled(Vocabulary([b"a", b" b"]))
    first = rules.put("first", ["a b"])
    assert rules.get("first") is first
    for number in range(20):
        rules.put(str(number), ["a b"])
    assert rules.get("first") is None
    assert rules.get("19") is not None
    large = rules.put("large", [f"a b {number}" for number in range(100)])  # more than all may take
    assert rules.get("large") is large
    assert forbidden(Matcher(rules.vocabulary, [first])) == set()
