"""A reply that was cut goes on to its end, wherever it was cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.openai.voice import continuation
from gateway.openai.voice.phrases import PHRASES

REPLIES = {
    "en": "Mira Quell (a writer) was born in Port Hale. Her first book, “The Salt Road”, came out "
    "in 1987; it won **the Heron Prize**. She lives with Dr. Tom Aldous – so I heard – in Elm.",
    "de": "Mira Quell (eine Autorin) wurde in Port Hale geboren. Ihr erstes Buch, „Der Salzweg“, "
    "erschien 1987; es gewann **den Reiherpreis**. Sie lebt z. B. mit Dr. Tom Aldous in Elm.",
}
DIGESTS = [bytes([n]) * 32 for n in range(5)]


def cuts(text: str) -> list[str]:
    """The text up to each place between two words, before the space and after it."""
    spaces = [at for at, character in enumerate(text) if character == " "]
    return [text[:at] for at in spaces] + [text[: at + 1] for at in spaces] + [text, ""]


QUOTED = {"en": ("“", "”"), "de": ("„", "“")}


@pytest.mark.parametrize("language", REPLIES)
@pytest.mark.parametrize("number", range(5))
def test_it_reads_on_after_any_cut(language: str, number: int) -> None:
    phrases, (opening, closing) = PHRASES[language], QUOTED[language]
    for sent in cuts(REPLIES[language]):
        added = continuation(sent, language, DIGESTS[number])
        whole = sent + added
        assert added.endswith((*phrases.after, *phrases.broken) if sent else phrases.plain), whole
        # A sentence that was cut is broken off with dots; after a whole one a new one begins.
        assert ("…" in added) == added.endswith(phrases.broken), whole
        assert not any(slip in whole for slip in ("  ", " .", " ,", "……", "****")), whole
        assert whole.count("(") == whole.count(")"), whole
        assert whole.count(opening) == whole.count(closing), whole
        assert whole.count("**") in (0, 2), whole


@pytest.mark.parametrize(
    ("sent", "added"),
    [
        ("She was born in ", "… "),
        ("She was born in", " … "),
        ("She was born in 1987", " … "),
        ("She wrote **The", " …** "),
        ("She wrote “", "…” "),
        ('She wrote "The', ' …" '),
        ("She wrote (", "…) "),
        ("She met Dr.", " … "),
        ("She met M.", " … "),
        ("Well …", " "),
        ("Run `rm", " …` "),
        ("- Born: ", "… "),
        ("1. **Born:** ", "… "),
    ],
)
def test_a_cut_sentence_is_broken_off(sent: str, added: str) -> None:
    got = continuation(sent, "en", DIGESTS[0])
    assert got.removesuffix(next(t for t in PHRASES["en"].broken if got.endswith(t))) == added


@pytest.mark.parametrize(
    ("sent", "added"),
    [
        ("She was born.", " "),
        ("She was born. ", ""),
        ("He said “no.”", " "),
        ("**Born.", "** "),
        ("```python\nprint(1)\n", "```\n\n"),
        ("```python\nprint(", "\n```\n\n"),
        ("~~~~\n```\nx", "\n~~~~\n\n"),
        ("- One.\n- Two.\n", "\n"),
        ("One.\n\n", ""),
        ("## Life of", "\n\n"),
    ],
)
def test_after_a_whole_one_a_sentence_follows(sent: str, added: str) -> None:
    got = continuation(sent, "en", DIGESTS[0])
    assert got.removesuffix(next(t for t in PHRASES["en"].after if got.endswith(t))) == added


@pytest.mark.parametrize("sent", ["", "  \n", "- ", "- Born.\n- ", "1. ", "> ", "- [ ] ", "-"])
def test_where_nothing_was_said_it_is_a_whole_reply(sent: str) -> None:
    assert continuation(sent, "en", DIGESTS[0]).strip() in PHRASES["en"].plain


def test_a_row_of_a_table_stays_one() -> None:
    assert continuation("| Name | Born |\n|---|---|\n| Mira | ", "en", b"") == "not known to me |"
    assert continuation("| a | b |\n|---|---|\n| x", "de", b"") == " mir nicht bekannt |"


def test_scripts_without_spaces_get_none() -> None:
    assert continuation("彼女は", "ja", DIGESTS[0]).startswith("…")
    assert continuation("她出生于", "zh", DIGESTS[0])[1] != " "


def test_no_language_is_english() -> None:
    assert continuation("", None, b"k") == continuation("", "en", b"k")


@given(st.text(max_size=200), st.sampled_from([*PHRASES, None]), st.binary(max_size=8))
def test_any_text_comes_to_its_end(sent: str, language: str | None, digest: bytes) -> None:
    added = continuation(sent, language, digest)
    assert added.endswith((".", "。", "|"))
    assert added == continuation(sent, language, digest)
