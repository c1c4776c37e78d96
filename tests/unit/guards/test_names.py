"""Names in the forms that people use them in, and those of other people beside them."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from guards import Action, Filing, Rule, RuleSet, compile_rule, stands_alone
from guards.names.views import name_view, sightings
from tests.unit.guards.conftest import fake_encode


def of(*names: str, whole: bool = True) -> RuleSet:
    filings = [Filing(id=name, name=name, whole_subject=whole, questions=("?",)) for name in names]
    return RuleSet.build([compile_rule(f, fake_encode, "e") for f in filings], 1)


def seen(rules: RuleSet, text: str) -> dict[str, tuple[str, float]]:
    """What was said, with its surest detector and that one's weight."""
    found: dict[str, tuple[str, float]] = {}
    for hit, (start, end) in sightings(text, rules.find_names):
        said = text[start:end]
        if hit.weight >= found.get(said, ("", 0.0))[1]:
            found[said] = hit.detector, hit.weight
    return found


def weight(rules: RuleSet, text: str) -> float:
    return max((weight for _, weight in seen(rules, text).values()), default=0.0)


QUELL = of("Mira Quell")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Mira Quell", "Mira Anna Quell"),
        ("Mira Quell", "Mira A. Quell"),
        ("Mira Quell", "Mira Anna B. Quell"),
        ("Mira Quell", "Quell, Mira"),
        ("Mira Quell", "Dr. Mira Quell"),
        ("Mira Quell", 'Mira "the Owl" Quell'),
        ("Mira Quell", "MiraQuell"),
        ("Mira Quell", "mira_quell"),
        ("Mira Quell", "Mira\nQuell"),
        ("Mira Quell", "Мира Квелл"),
        ("Mira Quell", "Μίρα Κουέλ"),
        ("Mira Quell", "ミラ・クエル"),
        ("Mira Quell", "미라 퀠"),
        ("Mira Quell", "ميرا كويل"),
        ("Mira Quell", "מירה קוול"),
        ("Mira Quell", "मीरा क्वेल"),
        ("Mira Nell Quell", "Mira Quell"),
        ("Dr. Tobias Brenk Jr.", "Tobias Brenk"),
        ("Prince Harold, Duke of Hale", "Prince Harold"),
        ("Hsin Yun-Ta", "Yun-Ta Hsin"),
        ("Jörg Müntel", "Joerg Muentel"),
        ("Joerg Muentel", "Jörg Müntel"),
        ("Lorenzo da Brenno", "Lorenzo Pietro da Brenno"),
        ("Mira Quell (author)", "Mira Quell"),
    ],
)
def test_a_sure_form_of_a_name_matches_by_itself(name: str, said: str) -> None:
    text = f"Where was {said} born, and when?"
    found = seen(of(name), text)
    assert any(hit == ("name", 1.0) and part in f"Dr. {said}" for part, hit in found.items())


@pytest.mark.parametrize(
    "text",
    [
        "Is it Mira and Quell who came?",
        "This is Mira. Anna Quell came too.",
        "Did Tom Quell write it?",
        "Did T. Quell write it?",
        "Did Quell Robinson write it?",
        "Did Quell-Robinson write it?",
        "Did Van Quell write it?",
        "Did Maria Quellington write it?",
        "The rains quell a fire.",
        "singer tom quell",
        "Море Коля",
    ],
)
def test_other_people_and_words_are_no_hits(text: str) -> None:
    assert weight(QUELL, text) < 1
    assert "Quell" not in seen(QUELL, text) or " and " in text


@pytest.mark.parametrize(
    "text",
    [
        "I will field questions about Ada Hart.",
        "He said he will. Field work is hard.",
        "Yes, you will field them.",
        "Prices may rose or fall, said Ada Hart.",
    ],
)
def test_ordinary_words_are_no_name_without_capitals(text: str) -> None:
    assert weight(of("Will Field", "May Rose"), text) < 1


@pytest.mark.parametrize(
    "text", ["Who is Will Field?", "who is will field", "WHO IS WILL FIELD", "Will Field writes."]
)
def test_they_are_with_capitals_or_where_none_are_set(text: str) -> None:
    assert weight(of("Will Field"), text) == 1


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Mira Quell", "Mria Quell"),
        ("Mira Quell", "Mira Qeull"),
        ("Mira Quell", "Mira Quelll"),
        ("Mira Quell", "mira qzell"),
        ("Mira Quell", "Mi ra Quell"),
        ("Mira Quell", "MiraQ uell"),
        ("Tobias Brenkmann", "Tobais Brenkman"),
        ("Aramantha", "Aramatnha"),
        ("40 Brenk", "40 Brnek"),
    ],
)
def test_a_misspelt_name_is_likely(name: str, said: str) -> None:
    found = seen(of(name), f"Where was {said} born?")
    assert found[said][0] == "fuzzy"
    assert 0.74 <= found[said][1] < 1


@pytest.mark.parametrize(
    ("name", "said"),
    [("Tim Quell", "Tom Quell"), ("Mira Quell", "Amira Quell"), ("Ada Hart", "Ada Part")],
)
def test_another_name_or_word_is_no_mistake(name: str, said: str) -> None:
    assert weight(of(name), f"Where was {said} born?") < 0.74


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("Mira Quell", "Where was Quell born?", "Quell"),
        ("Mira Quell", "Quell's first book was a success.", "Quell"),
        ("Mira Quell", "What did Mrs. Quell write?", "Quell"),
        ("Mira Quell", "what did quell write?", "quell"),
        ("Mira Quell", "WHAT DID QUELL WRITE?", "QUELL"),
        ("Ludwig van Brehn", "Where was van Brehn born?", "Brehn"),
        ("Meghara, Duchess of Hale", "Who is the Duchess of Hale?", "Duchess of Hale"),
        ("Alantis Brehn", "Where was Alantis born?", "Alantis"),
    ],
)
def test_a_part_of_a_name_is_a_hint(name: str, text: str, said: str) -> None:
    detector, weight = seen(of(name), text)[said]
    assert detector in {"surname", "given"}
    assert 0 < weight <= 0.4


def test_a_common_word_or_a_shared_surname_hints_less() -> None:
    rare, common = of("Mira Quellon"), of("Mira Brown")
    assert weight(common, "Where was Brown born?") < weight(rare, "Where was Quellon born?")
    few = of(*(f"{given} Quellon" for given in ("Mira", "Ada", "Tom")))
    many = of(*(f"{chr(97 + i)}{chr(97 + j)}ra Quellon" for i in range(6) for j in range(6)))
    assert weight(few, "Where was Quellon born?") == weight(rare, "Where was Quellon born?")
    assert 0 < weight(many, "Where was Quellon born?") < weight(few, "Where was Quellon born?")


def test_the_bearers_of_a_surname_are_counted_over_all_segments() -> None:
    rules = RuleSet.empty()
    filings = [Filing(id=f"{n}", name=f"N{'abcdefgh'[n % 8]}{'stuvwxyz'[n // 8]}a Quellon",
                      whole_subject=True) for n in range(40)]  # fmt: skip
    for number, filing in enumerate(filings):
        rules = rules.with_rule(compile_rule(filing, fake_encode, "e"), number)
    assert len(rules.segments) > 1
    whole = RuleSet.build(rules.rules.values(), 99)
    text = "Where was Quellon born?"
    assert weight(rules, text) == weight(whole, text) < 0.4


def test_an_initial_tells_more_than_the_surname() -> None:
    assert 0.4 < weight(QUELL, "Where was M. Quell born?") < 1


def test_a_book_or_a_question_filing_has_no_derived_forms() -> None:
    assert seen(of("The Silent Tide"), "Tide was late; the tide, silent.") == {}
    found = seen(of("Mira Quell", whole=False), "Mira Quell, Mira A. Quell and Quell")
    assert found == {"Mira Quell": ("anchor", 0.0)}


PARTS = st.sampled_from(
    [
        "mira",
        "Quell",
        "quells",
        "'s",
        " ",
        " ",
        "+",
        "ab++",
        ".",
        ", ",
        "\n",
        "Ann",
        "ミラ",
        "квелл",
    ]
)


@given(st.lists(PARTS, max_size=12).map("".join))
@example("ab++")
@example("mira quel")
def test_phrases_are_found_wherever_they_stand_alone(text: str) -> None:
    phrases = ("mira quell", "ab++", "quell", "ミラ", "+ann", "ann, mira")
    filing = Filing(id="a", forbidden=phrases)
    rules = RuleSet.build([compile_rule(filing, fake_encode, "e")], 1)
    view = name_view(text)
    found = {view.text[hit.start : hit.end] for hit in rules.find_names(view, text)}
    assert found >= {
        name_view(p).text
        for p in phrases
        for s in range(len(view.text))
        if view.text.startswith(p, s) and stands_alone(view.text, s, s + len(p))
    }


@given(st.text(max_size=80) | st.lists(PARTS, max_size=12).map("".join))
def test_hits_stand_in_any_text(text: str) -> None:
    rules = of("Mira Quell", "Ann", "Meghara, Duchess of Hale", "40 Brenk")
    for hit, (start, end) in sightings(text, rules.find_names):
        assert 0 <= start < end <= len(text)
        assert 0 <= hit.weight <= 1


@pytest.mark.parametrize(
    "text",
    ["Quell, " * 20_000, "Mira " * 20_000, "Mria Qeull " * 10_000, "МИРА КВЕЛЛ " * 10_000],
)
def test_repetition_gives_no_more_hits_than_words(text: str) -> None:
    hits = sum(1 for _ in sightings(text, QUELL.find_names))
    assert hits <= 4 * len(text.split())


def test_filings_that_only_observe_do_not_make_a_surname_say_less() -> None:
    def filed(number: int, name: str, action: Action) -> Rule:
        filing = Filing(id=f"fr_{number}", name=name, whole_subject=True, action=action)
        return compile_rule(filing, fake_encode, "e")

    enforced = filed(0, "Enzo Halvergate", Action.AUTO)
    observed = [filed(n, f"Person{n} Halvergate", Action.OBSERVE) for n in range(1, 100)]
    asked = "Where was Halvergate born?"
    alone = seen(RuleSet.build([enforced], 1), asked)
    assert seen(RuleSet.build([enforced, *observed], 1), asked) == alone
    assert alone["Halvergate"][1] > 0
