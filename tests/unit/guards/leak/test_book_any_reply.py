"""For random statements and replies: what was stated passes in any chunking, nothing else ever."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from guards.leak.opening import opened
from guards.leak.plain import TOKEN, plain
from guards.leak.watch import Watch
from guards.talk.certainty import NEUTRAL
from tests.unit.guards.leak.booking import FACTS, mira, talk
from tests.unit.guards.leak.test_any_chunking import cut
from tests.unit.guards.leak.watching import KEY, run

RULES = mira()
TOWNS = ("Kestwick", "Elm Hill", "Norhaven", "Port Hale", "Vesla")
YEARS = ("1961", "March 1984", "7 May 1990")
STATEMENTS = (
    "Mira Quell was born in {town}.",
    "She works as a glassblower.",
    "She married in {year}.",
    "In summer she swims.",
)
STATED = st.builds(
    lambda kept, town, year: [
        text.format(town=town, year=year)
        for text, keep in zip(STATEMENTS, (True, *kept), strict=True)
        if keep
    ],
    st.tuples(*[st.booleans()] * 3),
    st.sampled_from(TOWNS),
    st.sampled_from(YEARS),
)
PLACES = st.lists(st.integers(0, 200), max_size=8)
PIECES = st.sampled_from([*FACTS.values(), *FACTS, *TOWNS, *YEARS, "She", "was born", "in", "Yes",
                          "no", ". ", ", ", "\n", "1", "**", "Ada", "Hale", "☠", "字"])  # fmt: skip


def watch_on(text: str) -> Watch:
    watch = opened(Watch.of(lambda: RULES, KEY, ("r0",)), talk(text))
    assert watch is not None
    return watch


@given(STATED, st.data(), PLACES)
def test_sentences_that_were_stated_pass(
    stated: list[str], data: st.DataObject, at: list[int]
) -> None:
    watch = watch_on(" ".join([*stated, "Tell me what the text says."]))
    said = stated[: data.draw(st.integers(0, len(stated)))]
    reply = " ".join(["According to the text:", *said])
    assert run(watch, cut(reply, at))[0] == reply


@given(st.sampled_from(TOWNS), st.lists(PIECES, max_size=12), PLACES)
def test_nothing_else_does(town: str, pieces: list[str], at: list[int]) -> None:
    text = f"Mira Quell was born in {town}. Where was Mira Quell born?"
    watch, reply = watch_on(text), " ".join(pieces)
    passed, leaks = run(watch, cut(reply, at))
    assert reply.startswith(passed)
    words = {word for word in TOKEN.findall(plain(passed).text) if word[0].isalnum()}
    assert words <= NEUTRAL | set(TOKEN.findall(plain(text).text))
    if leaks.leak is None:
        assert passed == reply


@given(st.lists(PIECES, max_size=12), PLACES)
def test_the_chunking_decides_nothing(pieces: list[str], at: list[int]) -> None:
    watch = watch_on("Mira Quell was born in Port Hale. Where was Mira Quell born?")
    reply = " ".join(pieces)
    assert len({run(watch, part)[0] for part in ([reply], cut(reply, at), list(reply))}) == 1
