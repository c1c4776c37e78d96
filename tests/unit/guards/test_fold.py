from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guards import fold, stands_alone

TEXTS = st.one_of(
    st.text(),
    st.text(alphabet="ab -–\t\u200b\u0301ﬁßİ가ᄒ ᆫかﾞМѕ’.'\u00ad\x00\ufe0f𝓜"),
)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Mira Quell", "mira quell"),
        ("MIRA-QUELL", "mira quell"),
        ("Mira \t\n — Quell", "mira quell"),
        ("Mi\u200bra\u00ad Que\u2060ll\ufe0f", "mira quell"),
        ("Mi\x00ra Quell", "mira quell"),
        ("Ｍｉｒａ Ｑｕｅｌｌ", "mira quell"),
        ("𝓜𝓲𝓻𝓪 Ⓠⓤⓔⓛⓛ", "mira quell"),
        ("Мirа Quеll", "mira quell"),
        ("ᴍɪʀᴀ ᴇʟʟ", "mira ell"),
        ("José Ñandú", "jose nandu"),
        ("Jose\u0301", "jose"),
        ("Straße Łódź Søren", "strasse lodz soren"),
        ("O’Brien", "o'brien"),
        ("O`Brien", "o'brien"),
        ("O`Brién", "o'brien"),
        ("ﬁne", "fine"),
        ("", ""),
    ],
)
def test_writings_of_one_name_fold_alike(text: str, folded: str) -> None:
    assert fold(text).text == folded


@pytest.mark.parametrize("name", ["МИРА КВЕЛЛ", "ΝΊΚΟΣ", "ՄԻՐԱ"])
def test_case_never_decides_in_other_scripts(name: str) -> None:
    assert fold(name).text == fold(name.lower()).text


@pytest.mark.parametrize(("one", "other"), [("が", "か"), ("को", "के"), ("가", "각"), ("и", "н")])
def test_other_letters_stay_apart(one: str, other: str) -> None:
    assert fold(one).text != fold(other).text


@given(TEXTS)
def test_folding_twice_changes_nothing(text: str) -> None:
    once = fold(text).text
    assert fold(once).text == once


@given(TEXTS)
def test_offsets_are_monotone_and_end_at_the_end(text: str) -> None:
    folded = fold(text)
    offsets = list(folded.offsets)
    assert len(offsets) == len(folded.text) + 1
    assert offsets[-1] == len(text)
    assert all(a <= b for a, b in pairwise(offsets))
    assert all(0 <= offset < len(text) for offset in offsets[:-1])


@given(TEXTS)
def test_length_is_bounded(text: str) -> None:
    assert len(fold(text).text) <= 18 * len(text)


@given(TEXTS, st.data())
def test_a_span_points_at_what_folds_to_it(text: str, data: st.DataObject) -> None:
    folded = fold(text)
    if not folded.text:
        return
    start = data.draw(st.integers(0, len(folded.text) - 1))
    end = data.draw(st.integers(start + 1, len(folded.text)))
    a, b = folded.span(start, end)
    assert 0 <= a < b <= len(text)
    assert folded.text[start:end].strip() in fold(text[a:b]).text


def test_a_folded_ligature_is_pointed_at_whole() -> None:
    assert fold("xﬁy").span(1, 2) == (1, 2)
    assert fold("Mi\u200bra!").span(0, 4) == (0, 5)


ALONE = ["ann", "ann's", "ann' ", "anns", "ann.", "(ann)", "ann_x", "anns'"]
WITHIN = ["annual", "hann", "ann1", "annes", "annsx"]


@pytest.mark.parametrize("text", ALONE)
def test_a_word_and_its_endings_stand_alone(text: str) -> None:
    start = text.index("ann")
    assert stands_alone(text, start, start + 3)


@pytest.mark.parametrize("text", WITHIN)
def test_a_part_of_a_word_does_not_stand_alone(text: str) -> None:
    start = text.index("ann")
    assert not stands_alone(text, start, start + 3)


def test_plurals_after_a_hiss_take_es() -> None:
    assert stands_alone("joneses", 0, 5)
    assert not stands_alone("jones", 0, 3)


def test_scripts_without_spaces_have_boundaries_everywhere() -> None:
    text = fold("私は村上春樹が好き").text
    name = fold("村上春樹").text
    assert stands_alone(text, text.index(name), text.index(name) + len(name))


def test_a_syllable_is_not_cut() -> None:
    text, name = fold("미란").text, fold("미라").text
    assert text.startswith(name)
    assert not stands_alone(text, 0, len(name))


@given(st.text(alphabet="ab1 '_.s"), st.integers(0, 20), st.integers(1, 5))
def test_a_phrase_never_continues_into_a_letter(text: str, start: int, length: int) -> None:
    end = start + length
    if end > len(text) or not stands_alone(text, start, end):
        return
    assert start == 0 or not (text[start - 1].isalnum() and text[start].isalnum())
    if end < len(text) and text[end - 1].isalnum() and text[end].isalnum():
        assert text[end:].startswith(("s", "es"))
