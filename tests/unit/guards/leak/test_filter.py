from __future__ import annotations

from dataclasses import replace

import pytest

from guards import Action
from guards.leak.filter import LeakFilter
from guards.leak.watch import Watch
from tests.unit.guards.leak.watching import KEY, rules_of, run, watch_on

PASSAGE = "The old harbour had burned down twice before anybody thought of moving the boats away."
BIRTH = {
    "name": "Mira Quell",
    "statements": ("Mira Quell was born in Port Hale.",),
    "values": ("Port Hale",),
}


@pytest.mark.parametrize(
    ("text", "passed"),
    [
        ("It was Operation Night Heron, they say.", "It was "),
        ("It was operation  NIGHT-heron.", "It was "),
        ("It was **Operation** _Night_ Her\u200bon!", "It was **"),
        ("It was `Operation_Night_Heron`!", "It was `"),
        ("It was Оperation Night Heron.", "It was "),  # a Cyrillic letter
        ("Operation Night Herons", ""),
        ("Operation Night Heron's end", ""),
        ("Operation Night Heronry", None),
        ("Cooperation Night Heron", None),
        ("Operation Night, Heron", None),
        ("Operation Night", None),
        ("", None),
    ],
)
@pytest.mark.parametrize("size", [1, 3, 1_000])
def test_a_forbidden_string_never_begins(text: str, passed: str | None, size: int) -> None:
    watch = watch_on(rules_of({"forbidden": ("Operation Night Heron",)}))
    pieces = [text[i : i + size] for i in range(0, len(text), size)]
    got, leaks = run(watch, pieces)
    assert got == (text if passed is None else passed)
    assert (leaks.leak is None) is (passed is None)
    if leaks.leak is not None:
        assert (leaks.leak.rule, leaks.leak.kind) == ("r0", "forbidden")


def test_ordinary_text_passes_piece_by_piece() -> None:
    leaks = LeakFilter(watch_on(rules_of({"forbidden": ("Operation Night Heron",)})))
    assert [leaks.feed(piece) for piece in ("The", " opera", " was", " good.")] == [
        "The", " ", "opera was", " good.",
    ]  # fmt: skip


def test_only_what_may_still_become_it_is_held() -> None:
    leaks = LeakFilter(watch_on(rules_of({"forbidden": ("Operation Night Heron",)})))
    assert leaks.feed("see Operation Night") == "see "
    assert leaks.held == len("Operation Night")
    assert leaks.feed(" Owl") == "Operation Night Owl"
    assert leaks.held == 0


def test_the_end_of_the_text_ends_the_word() -> None:
    leaks = LeakFilter(watch_on(rules_of({"forbidden": ("Heron",)})))
    assert leaks.feed("a Heron") == "a "
    assert leaks.leak is None
    assert leaks.flush() == ""
    assert leaks.leak is not None


def test_nothing_passes_after_a_leak() -> None:
    leaks = LeakFilter(watch_on(rules_of({"forbidden": ("Heron",)})))
    assert leaks.feed("a Heron sings. ") == "a "
    assert leaks.feed("More.") == leaks.flush() == ""


@pytest.mark.parametrize(
    ("matched", "text", "passed"),
    [
        ((), "She lives in Port Hale.", None),
        (("r0",), "She lives in Port Hale.", "She lives in "),
        (("r0",), "She lives in Port Hale", "She lives in "),
        (("r0",), "Ask Mira Quell.", "Ask Mira Quell."),  # her name alone is not covered
        ((), "Mira Quell was born in Port Hale.", "Mira Quell was born in "),
        ((), "Port Hale is where Mira Quell was born.", "Port Hale is where "),
        ((), "Mira Quell was born by the sea. Port Hale is a town.", None),
        ((), "Tom Quell was born in Port Hale.", None),
    ],
)
@pytest.mark.parametrize("size", [1, 4, 1_000])
def test_a_value_is_forbidden_where_it_was_asked_for_or_stands_beside_its_subject(
    matched: tuple[str, ...], text: str, passed: str | None, size: int
) -> None:
    watch = watch_on(rules_of(BIRTH), *matched)
    got, _ = run(watch, [text[i : i + size] for i in range(0, len(text), size)])
    assert got == (text if passed is None else passed)


def test_the_name_of_a_whole_subject_is_told_to_nobody() -> None:
    watch = watch_on(rules_of({"name": "Mira Quell", "aliases": ("M. Quell",),
                               "whole_subject": True}))  # fmt: skip
    assert run(watch, ["It was painted by Mira Quell."])[0] == "It was painted by "
    assert run(watch, ["It was painted by M. Quell in May."])[0] == "It was painted by "
    assert run(watch, ["It was painted by Tom Quell."])[1].leak is None


def test_a_name_of_ordinary_words_needs_its_capitals_where_it_was_not_asked_for() -> None:
    rules = rules_of({"name": "Dune", "whole_subject": True})
    told = "Behind the house the wind had made a dune of yellow sand."
    assert run(watch_on(rules), [told])[0] == told
    assert run(watch_on(rules), ["My favourite book is Dune by far."])[1].leak is not None
    assert run(watch_on(rules, "r0"), [told])[1].leak is not None


@pytest.mark.parametrize("size", [1, 7, 1_000])
def test_of_a_passage_the_eighth_word_in_a_row_does_not_pass(size: int) -> None:
    watch = watch_on(rules_of({"passages": (PASSAGE,)}))
    text = f"They wrote: {PASSAGE}"
    got, leaks = run(watch, [text[i : i + size] for i in range(0, len(text), size)])
    assert got.removesuffix("befor") == "They wrote: The old harbour had burned down twice "
    assert leaks.leak is not None
    assert leaks.leak.kind == "passage"


def test_seven_words_of_a_passage_pass() -> None:
    watch = watch_on(rules_of({"passages": (PASSAGE,)}))
    text = "The old harbour had burned down twice, and then again before anybody thought of it."
    assert run(watch, [text])[0] == text


def test_a_passage_is_known_by_keyed_fingerprints_alone() -> None:
    rules = rules_of({"passages": (PASSAGE,)})
    assert rules.rules["r0"].phrases == ()
    other = Watch.of(lambda: rules, b"another key", ())
    assert run(other, [PASSAGE])[0] == PASSAGE


def test_a_passage_in_a_script_without_spaces() -> None:
    passage = "昔々あるところにおじいさんとおばあさんが住んでいました。"
    watch = watch_on(rules_of({"passages": (passage,)}))
    assert run(watch, passage)[0] == passage[:15]


def test_a_short_passage_is_forbidden_as_it_stands() -> None:
    watch = watch_on(rules_of({"passages": ("the gulls of Kestwick sleep",)}))
    assert run(watch, ["We saw the gulls of Kestwick sleep."])[0] == "We saw "


def test_what_the_reader_has_already_may_not_be_completed() -> None:
    watch = watch_on(rules_of({"forbidden": ("Operation Night Heron",)}))
    got, leaks = run(watch, [" Heron flew."], before="I know of Operation Night")
    assert (got, leaks.leak is None) == ("", False)
    got, leaks = run(watch, ["ting gale"], before="I know of Operation Nigh")
    assert (got, leaks.leak) == ("ting gale", None)


def test_what_is_filed_while_a_reply_is_on_its_way_counts_from_then_on() -> None:
    current = [rules_of()]
    leaks = LeakFilter(Watch.of(lambda: current[0], KEY))
    assert leaks.feed("a Heron, ") == "a Heron, "
    current[0] = rules_of({"forbidden": ("Heron",)})
    assert leaks.feed("a Heron, ") == "a "
    assert leaks.leak is not None


def test_what_was_lifted_or_only_observes_forbids_nothing() -> None:
    observing = rules_of({"forbidden": ("Heron",), "action": Action.OBSERVE})
    lifted = rules_of({"forbidden": ("Heron",)}).without("r0", 2)
    for rules in (observing, lifted):
        assert run(watch_on(rules, "r0"), ["a Heron"])[1].leak is None


def test_what_the_user_said_first_may_be_told_again() -> None:
    rules = rules_of(BIRTH)
    allowed = {"r0": frozenset({"port hale"})}
    watch = replace(Watch.of(lambda: rules, KEY, ("r0",)), allowed=allowed)
    text = "You say Mira Quell was born in Port Hale."
    assert run(watch, [text])[0] == text


def test_blanks_cannot_burst_what_is_held() -> None:
    leaks = LeakFilter(watch_on(rules_of({"forbidden": ("Night Heron",)})))
    leaks.feed("Night")
    for _ in range(100):
        assert leaks.feed(" " * 1_000) == ""
    assert leaks.leak is not None
    assert leaks.held < 70_000


@pytest.mark.parametrize("size", [1, 100])
def test_what_is_cut_off_does_not_make_a_word_of_what_stands_before(size: int) -> None:
    watch = watch_on(rules_of({"forbidden": ("annual",)}, {"forbidden": ("3 herons",)}))
    text = "two annuals'3 herons"
    got, _ = run(watch, [text[i : i + size] for i in range(0, len(text), size)])
    assert got == "two "
    fine = "two annuals'3 hero"
    assert run(watch, [fine[i : i + size] for i in range(0, len(fine), size)])[0] == fine


@pytest.mark.parametrize(
    ("filing", "before", "told"),
    [
        ({"forbidden": ("Operation Night Heron",)}, "Operation Night Heron! Operation Night",
         " Heron."),
        ({"passages": (PASSAGE,)}, f"{PASSAGE} {PASSAGE[:40]}", PASSAGE[40:]),
    ],
)  # fmt: skip
def test_what_was_told_before_may_not_be_told_again(
    filing: dict[str, tuple[str, ...]], before: str, told: str
) -> None:
    got, leaks = run(watch_on(rules_of(filing)), [told], before)
    assert leaks.leak is not None
    assert got != told


@pytest.mark.parametrize("goes_on", [" sings.", "s sing.", ", that is."])
def test_what_stood_there_before_is_no_leak(goes_on: str) -> None:
    for filing, before in (
        ({"forbidden": ("Operation Night Heron",)}, "Tell me about Operation Night Heron"),
        ({"passages": (PASSAGE,)}, PASSAGE.removesuffix(".")),
    ):
        got, leaks = run(watch_on(rules_of(filing)), [*goes_on], before)
        assert (got, leaks.leak) == (goes_on, None)


def test_what_is_filed_meanwhile_may_have_begun() -> None:
    rules = [rules_of({"forbidden": ("Blue Owl",)})]
    leaks = LeakFilter(Watch(lambda: rules[0], KEY))
    assert leaks.feed("Night Heron, Operation Night") == "Night Heron, Operation Night"
    assert leaks.feed(" ") == " "
    filed = rules_of({"forbidden": ("Operation Night Heron", "Night Heron")})
    rules[0] = replace(filed, revision=2)
    assert leaks.feed("Heron") == ""
    assert leaks.leak is None
    assert leaks.feed(", they say.") == ""
    assert leaks.leak is not None


def test_a_fork_goes_on_by_itself() -> None:
    leaks = LeakFilter(watch_on(rules_of(BIRTH, {"forbidden": ("Night Heron",)})))
    leaks.feed("Mira Quell saw a Night")
    fork = leaks.fork()
    fork.feed(" Heron")
    fork.flush()
    assert fork.leak is not None
    assert leaks.feed(" in Port") == "Night in "
    assert leaks.fork().feed(" Moor") == "Port Moor"
    assert leaks.feed(" Hale.") == ""
    assert leaks.leak is not None


def test_what_is_settled_is_not_kept() -> None:
    leaks = LeakFilter(watch_on(rules_of({"forbidden": ("Quell",)})))
    for _ in range(5_000):
        leaks.feed("Quells'3 Quell"[5:] if leaks.held else "Quells'3 Quell")
    assert leaks.leak is None
    assert len(leaks._window.raw) < 10_000
