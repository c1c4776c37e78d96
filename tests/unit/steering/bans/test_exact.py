"""The mask against whole texts: nothing gets through, nothing is masked needlessly."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from steering.bans import Compiled, Matcher, Vocabulary
from steering.errors import BadBans
from tests.unit.steering.bans.conftest import compiled, forbidden
from tests.unit.steering.bans.oracle import completes, decoded, holds, spelled

PLAIN, RARE = "ansA- .'", "exh9éß*$中각가ั\u0941\u200b…ﬁ🙂"
BROKEN = [b"\x80", b"\xed\x95", b"\x9c", b"\xf0\x9f", b"\xa9", b"\xc3", b"\xb8\xad n", b"\xe4"]


@st.composite
def worlds(draw: st.DrawFn) -> tuple[list[bytes], list[str]]:
    """A small vocabulary, and strings that its tokens can write: whole ones and cut ones."""
    letters = st.sampled_from(PLAIN) | st.sampled_from(PLAIN + RARE)
    pieces = st.lists(letters, min_size=1, max_size=4).map("".join).map(str.encode)
    cuts = st.sampled_from([c.encode() for c in RARE if len(c.encode()) > 1]).flatmap(
        lambda raw: st.integers(1, len(raw) - 1).flatmap(
            lambda at: st.sampled_from([raw[:at], raw[at:]])
        )
    )
    tokens = draw(st.lists(pieces | cuts | st.sampled_from(BROKEN), min_size=2, max_size=14))
    written = st.lists(st.sampled_from(tokens), min_size=1, max_size=5).map(b"".join)
    part = st.tuples(written.map(decoded), st.integers(0, 2), st.integers(0, 2))
    strings = part.map(lambda p: p[0][p[1] : len(p[0]) - p[2]].replace("\ufffd", ""))
    telling = strings.map(lambda text: text if spelled(text).strip(" ") else "an")
    return tokens, draw(st.lists(telling, min_size=1, max_size=6))


@settings(max_examples=200)
@given(worlds(), st.data())
def test_masked_is_what_would_complete_a_string(
    world: tuple[list[bytes], list[str]], data: st.DataObject
) -> None:
    tokens, banned = world
    vocabulary, bans = compiled(tokens, banned)
    matcher, written, output = Matcher(vocabulary, [bans]), b"", list[int]()
    for _ in range(data.draw(st.integers(1, 10))):
        found = forbidden(matcher)
        assert found == {n for n, t in enumerate(tokens) if completes(written, t, banned)}
        if not (allowed := [n for n in range(len(tokens)) if n not in found]):
            break
        output.append(data.draw(st.sampled_from(allowed)))
        written += tokens[output[-1]]
        matcher.read(output)
        assert not holds(decoded(written), banned)


@given(worlds(), st.data())
def test_read_anew_is_read_all_along(
    world: tuple[list[bytes], list[str]], data: st.DataObject
) -> None:
    tokens, banned = [None, *world[0]], world[1]
    vocabulary, bans = compiled(tokens, banned)
    ids = st.lists(st.integers(0, len(tokens) - 1), max_size=12)
    prompt, history = data.draw(ids), list[int]()
    along = Matcher(vocabulary, [bans], prompt)
    for _ in range(data.draw(st.integers(1, 4))):
        # Tokens are taken back, and others come.
        history = history[: data.draw(st.integers(0, len(history)))]
        along.read(history)
        history += data.draw(ids)
        along.read(history)
        steps = Matcher(vocabulary, [bans], prompt)
        for end in range(len(history)):
            steps.read(history[: end + 1])
        assert forbidden(along) == forbidden(steps)


@given(worlds(), st.data())
def test_a_prompt_is_read_from_far_enough(
    world: tuple[list[bytes], list[str]], data: st.DataObject
) -> None:
    vocabulary, bans = compiled(*world)
    prompt = data.draw(st.lists(st.integers(0, len(world[0]) - 1), max_size=25))
    written = Matcher(vocabulary, [bans])
    for end in range(len(prompt)):
        written.read(prompt[: end + 1])
    assert forbidden(Matcher(vocabulary, [bans], prompt)) == forbidden(written)


@given(worlds(), st.data())
def test_several_rules_are_their_union(
    world: tuple[list[bytes], list[str]], data: st.DataObject
) -> None:
    tokens, banned = world
    some, others = banned[::2], banned[1::2]
    rules = Compiled(Vocabulary(tokens))
    one, other, both = rules.put("a", some), rules.put("b", others), rules.put("c", banned)
    output = data.draw(st.lists(st.integers(0, len(tokens) - 1), max_size=8))
    apart, joint = Matcher(rules.vocabulary, [one, other]), Matcher(rules.vocabulary, [both])
    for matcher in (apart, joint):
        matcher.read(output)
    assert forbidden(apart) == forbidden(joint)


@given(st.text(max_size=20))
def test_a_string_is_in_itself(text: str) -> None:
    try:
        vocabulary, bans = compiled([text.encode("utf-8", "surrogatepass")], [text])
    except BadBans:
        assert not spelled(text).strip(" ")
        return
    if text.isprintable():
        assert forbidden(Matcher(vocabulary, [bans])) == {0}
