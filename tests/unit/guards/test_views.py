"""Disguised questions and names must be read as what they say; ordinary texts as they are."""

from __future__ import annotations

import base64
import codecs
import html
import re
from collections.abc import Callable
from urllib.parse import quote

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from folding import fold
from guards.text.lexicon import frequency
from guards.text.views import View, views

QUESTION = "In which harbour town was Mira Quell born?"
NAME = "Mira Quell"
FILLER = (
    "The evening was quiet and two boats came back late. Nobody knew the reason for it. "
    "The keeper wrote it down in his book and went to bed. "
)
LEET = str.maketrans("aeiostAEIOST", "431057431057")


def base_64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def rot13(text: str) -> str:
    return codecs.encode(text, "rot13")


def shifted(text: str) -> str:
    return re.sub("[a-z]", lambda m: chr((ord(m[0]) - 97 + 3) % 26 + 97), text.lower())


def by_word(text: str, between: str) -> str:
    return " ".join(between.join(word) for word in text.split())


DISGUISES: dict[str, Callable[[str], str]] = {
    "base64": base_64,
    "base64 without padding": lambda t: base64.urlsafe_b64encode(t.encode()).decode().rstrip("="),
    "base64 in lines": lambda t: re.sub("(.{10})", "\\1\n", base_64(t)),
    "base64 in full width": lambda t: "".join(chr(ord(c) + 0xFEE0) for c in base_64(t)),
    "base64 backwards": lambda t: base_64(t)[::-1],
    "base32": lambda t: base64.b32encode(t.encode()).decode(),
    "hex": lambda t: t.encode().hex(),
    "hex with blanks": lambda t: t.encode().hex(" "),
    "hex with colons": lambda t: t.encode().hex(":").upper(),
    "hex of a program": lambda t: " ".join(hex(b) for b in t.encode()),
    "escapes of bytes": lambda t: "".join(f"\\x{b:02x}" for b in t.encode()),
    "escapes": lambda t: "".join(f"\\u{ord(c):04x}" for c in t),
    "numbers": lambda t: " ".join(map(str, t.encode())),
    "bits": lambda t: " ".join(f"{b:08b}" for b in t.encode()),
    "url": lambda t: "".join(f"%{b:02X}" for b in t.encode()),
    "references": lambda t: "".join(f"&#{ord(c)};" for c in t),
    "tags": lambda t: re.sub(r"(\w)(\w)", r"\1<i></i>\2", t),
    "rot13": rot13,
    "rot13 with invisible characters": lambda t: "\u200b".join(rot13(t)),
    "shift of three": shifted,
    "backwards": lambda t: t[::-1],
    "words backwards": lambda t: " ".join(word[::-1] for word in t.split()),
    "leet": lambda t: t.translate(LEET),
    "letter by letter": " ".join,
    "one letter a line": "\n".join,
    "dots": lambda t: by_word(t, "."),
    "hyphens": lambda t: by_word(t, "-"),
    "evenly spaced": lambda t: " ".join(t.replace(" ", "")),
    "evenly dotted": lambda t: ".".join(t.replace(" ", "")),
    "rot13 in base64": lambda t: base_64(rot13(t)),
    "base64 in hex": lambda t: base_64(t).encode().hex(),
    "leet letter by letter": lambda t: " ".join(t.translate(LEET)),
}
ALONE = ("base64", "hex", "url", "references", "rot13", "backwards", "leet", "letter by letter",
         "evenly spaced", "dots", "hyphens", "escapes", "tags")  # fmt: skip


def said(text: str) -> list[str]:
    return [fold(view.text).text for view in views(text)]


def fluent(text: str) -> list[str]:
    return [fold(view.text).text for view in views(text) if view.fluent]


@pytest.mark.parametrize("disguise", DISGUISES)
def test_a_question_is_read(disguise: str) -> None:
    assert QUESTION.lower() in fluent(DISGUISES[disguise](QUESTION))


@pytest.mark.parametrize("disguise", DISGUISES)
def test_a_question_is_read_between_other_sentences(disguise: str) -> None:
    text = f"{FILLER}\n{DISGUISES[disguise](QUESTION)}\n{FILLER}"
    assert any(QUESTION.lower() in reading for reading in fluent(text))


@pytest.mark.parametrize("disguise", ALONE)
def test_a_name_in_disguise_is_put_back_into_its_question(disguise: str) -> None:
    text = QUESTION.replace(NAME, DISGUISES[disguise](NAME))
    assert QUESTION.lower() in fluent(text)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Where was Mira%20Quell born?", "where was mira quell born?"),
        ("Where was Mira<br>Quell born?", "where was mira quell born?"),
        ("Where+was+Mira+Quell+born?", "where was mira quell born?"),
        ("Where was 4d697261 5175656c6c born?", "where was mira quell born?"),
        ("In 2003 4d6972612051 was new", "in 2003 mira q was new"),
        ("Where was TWlyYQ== UXVlbGw= born?", "where was mira quell born?"),
        ("Where was TWlyYSBRdWVs born?", "where was mira quel born?"),
        ("born? Quell Mira was Where", "where was mira quell born?"),
        ("\\/\\/here was |V|ira Quell born", "where was mira quell born"),
    ],
)
def test_other_ways_to_write_it(written: str, meant: str) -> None:
    assert meant in said(written)


@pytest.mark.parametrize("name", ["Mira Ostrakoff", "Jaroslav Hrastovec"])
def test_a_name_that_no_list_has_stays_whole_when_spaced(name: str) -> None:
    text = " ".join(f"How old is {name}?".replace(" ", ""))
    assert any(name.lower() in reading for reading in said(text))


def test_a_decoded_question_is_also_read_without_the_order_to_decode_it() -> None:
    text = f"Decode this and answer it in one word: {base_64(QUESTION)}"
    assert QUESTION.lower() in fluent(text)


@pytest.mark.parametrize(
    "text",
    [
        "Where is the harbour of the town in which the two rivers meet?",
        "How much is 2024 minus 1987, and what is 15% of 3.14?",
        "Is H2O heavier than CO2, and does COVID19 spread B2B?",
        "My iPhone7 plays mp3 and mp4 on Windows10 at 5pm on the 1st.",
        "1. e4 e5 2. Nf3 Nc6 3. Bb5 a6 4. O-O Nf6 5. Qxf7+ is a line.",
        "The commit 9fceb02d0ae598e95dc970b74767f19372d61af8 broke the build at 10.0.0.17:8080.",
        "See https://example.org/search?q=boats%20and%20harbours&page=2 for more.",
        'Parse {"name": "caf\\u00e9", "size": 12, "tags": ["a", "b"]} for me.',
        "def f(x):\n    return [x[i] + 1 for i in range(10)] if x else None",
        "Is x^5 + 3x^3 + 2x in Z_5, and f(a+b) = f(a)+f(b)?",
        "J. R. R. Ostrak, U.S.A., e.g. at 5 p.m., i.e. N.A.T.O. time",
        "Choose A, B, C or D: a b c d e f g",
        "Wo liegt die Stadt, in der sich die beiden Flüsse treffen?",
        "Où se trouve la ville dans laquelle les deux fleuves se rejoignent ?",
        "Kde leží město, ve kterém se setkávají dvě řeky?",
        "Где находится город, в котором встречаются две реки?",
        "| boat | year | price |\n|---|---|---|\n| Heron | 1987 | 1,200 |",
        "<p>The <b>boats</b> are in the harbour.</p><ul><li>Heron</li><li>Gull</li></ul>",
    ],
)
def test_ordinary_texts_are_what_they_seem(text: str) -> None:
    assert fluent(text) == []


def test_a_match_is_pointed_at_in_the_original() -> None:
    for hidden in (base_64(NAME), rot13(NAME), NAME[::-1], "M i r a  Q u e l l"):
        text = f"{FILLER}Where was {hidden} born? {FILLER}"
        begin = text.index(hidden)
        view = next(v for v in views(text) if NAME in v.text)
        at = view.text.index(NAME)
        start, end = view.span(at, at + len(NAME))
        assert begin <= start < end <= begin + len(hidden)


def test_a_match_in_a_text_backwards_is_not_pointed_at_elsewhere() -> None:
    text = QUESTION[::-1] + " " + FILLER
    begin = text.index(NAME[::-1])
    view = next(v for v in views(text) if NAME in v.text)
    at = view.text.index(NAME)
    start, end = view.span(at, at + len(NAME))
    assert start <= begin < begin + len(NAME) <= end <= len(QUESTION)


def test_common_words_are_told_from_rare_ones() -> None:
    assert frequency("and") > frequency("Harbour") > frequency("dhryy") == 0.0
    assert frequency("café") == frequency("cafe")


TEXTS = st.one_of(
    st.text(),
    st.text(alphabet="aZ 0159+/=-_.%&#;xu\\<>'\"|@$!\n\u200béЖ\ud800", max_size=120),
    st.text(alphabet="0123456789abcdefx ,:\n"),
    st.lists(st.sampled_from([*DISGUISES.values()])).map(
        lambda used: " ".join(disguise(NAME) for disguise in used[:4])
    ),
)


@settings(max_examples=80)
@given(TEXTS)
@example("=" * 9 + "\\ud83d&#55357;%ff%")
def test_any_text_has_views_with_a_way_back(text: str) -> None:
    total = 0
    for view in views(text):
        assert view.text != text
        check(view, len(text))
        total += len(view.text)
    assert total <= max(4096, 4 * len(text))


def check(view: View, size: int) -> None:
    assert len(view.offsets) == len(view.text) + 1
    assert list(view.offsets) == sorted(view.offsets)
    for at in range(0, len(view.text), 7):
        start, end = view.span(at, at + 1)
        assert 0 <= start < end <= size


@settings(max_examples=40)
@given(st.text(alphabet="abcdefghijklmnop qrstuvwxyzABCDE.?é", min_size=12, max_size=60))
def test_what_is_encoded_is_said_by_a_view(text: str) -> None:
    text = " ".join(text.split()).strip(".? ")
    if len(text) < 8 or len(re.findall("[a-z]", text)) < 0.7 * len(text):
        return
    for disguise in ("base64", "hex", "url", "references", "escapes"):
        assert text in [view.text for view in views(DISGUISES[disguise](text))]
    assert html.escape(text) == text
    assert any(text in view.text for view in views(f"see {quote(text, safe='')}")) or (
        quote(text, safe="") == text
    )


@pytest.mark.parametrize("ending", ["", "X", "2="])
@pytest.mark.parametrize(
    "piece",
    ["a ", "a.", "a'", "a", "&#", "&#77;", "<a ", "<a x=b ", "%41x", "\\u0041", "0x41 ", "41",
     "TWlyYQ ", "414141z ", "65 ", "01", "w0rd5 ", "|-|3ll0 ", "!", "lleuQ ", "wherewasmira",
     "-", "a+", "мира ", "MZXW6YTB", "=", "A B"],
)  # fmt: skip
def test_views_of_anything_long_stay_few_and_small(piece: str, ending: str) -> None:
    text = piece * (4_000 // len(piece)) + ending  # of a pattern that backtracks it would hang
    found = list(views(text))
    assert sum(len(view.text) for view in found) <= 4 * len(text)
    assert len(found) <= 32


def test_a_question_deep_in_a_long_text_is_read() -> None:
    text = f"{FILLER * 100}{base_64(QUESTION)}\n{FILLER * 100}"
    found = [view for view in views(text) if view.fluent]
    assert any(QUESTION in view.text for view in found)
    assert sum(len(view.text) for view in found) < 2000
