"""The mask against whole texts: nothing gets through, nothing is masked needlessly."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from steering.bans import Compiled, Matcher, Vocabulary
from steering.errors import BadBans
from tests.unit.steering.bans.conftest import compiled, forbidden
from tests.unit.steering.bans.oracle import completes, decoded, holds, spelled

LETTERS = "aAnsexh9éß-' .*$中각가ั\u0941\u200b…ﬁ🙂-"
texts = st.text(LETTERS, min_size=1, max_size=4)
raw = st.one_of(
    texts.map(str.encode),
    st.sampled_from(LETTERS).map(str.encode).flatmap(
        lambda raw: st.integers(0, len(raw)).map(lambda cut: raw[cut:] or raw[:1])
    ),
    st.sampled_from(LETTERS).map(str.encode).flatmap(
        lambda raw: st.integers(1, len(raw)).map(lambda cut: raw[:cut])
    ),
    st.sampled_from([b"\x80", b"\xed\x95", b"\x9c", b"\xf0\x9f", b"\xa9", b"\xc3", b"\xb8\xad n"]),
)  # fmt: skip
vocabularies = st.lists(raw, min_size=1, max_size=25)
phrases = st.lists(
    st.text(LETTERS, min_size=1, max_size=6).filter(lambda text: spelled(text).strip(" ")),
    min_size=1,
    max_size=6,
)


@given(vocabularies, phrases, st.data())
def test_masked_is_what_would_complete_a_string(
    tokens: list[bytes], banned: list[str], data: st.DataObject
) -> None:
    vocabulary, bans = compiled(tokens, banned)
    matcher, written, output = Matcher(vocabulary, [bans]), b"", list[int]()
    for _ in range(data.draw(st.integers(1, 12))):
        found = forbidden(matcher)
        assert found == {n for n, t in enumerate(tokens) if completes(written, t, banned)}
        if not (allowed := [n for n in range(len(tokens)) if n not in found]):
            break
        output.append(data.draw(st.sampled_from(allowed)))
        written += tokens[output[-1]]
        matcher.read(output)
        assert not holds(decoded(written), banned)


@given(st.lists(st.none() | raw, min_size=1, max_size=25), phrases, st.data())
def test_read_anew_is_read_all_along(
    tokens: list[bytes | None], banned: list[str], data: st.DataObject
) -> None:
    vocabulary, bans = compiled(tokens, banned)
    ids = st.lists(st.integers(0, len(tokens) - 1), max_size=30)
    prompt, history = data.draw(ids), list[int]()
    along = Matcher(vocabulary, [bans], prompt)
    for _ in range(data.draw(st.integers(1, 6))):
        # Tokens may be taken back, others may come.
        history = history[: data.draw(st.integers(0, len(history)))]
        along.read(history)
        history += data.draw(ids)
        along.read(history)
        anew, slow = Matcher(vocabulary, [bans], prompt), Matcher(vocabulary, [bans], prompt)
        anew.read(history)
        for end in range(len(history)):
            slow.read(history[: end + 1])
        slow_found = forbidden(slow)
        assert forbidden(along) == forbidden(anew) == slow_found


@given(vocabularies, phrases, phrases, st.data())
def test_several_rules_are_their_union(
    tokens: list[bytes], some: list[str], others: list[str], data: st.DataObject
) -> None:
    compiled_bans = Compiled(Vocabulary(tokens))
    one, other = compiled_bans.put("a", some), compiled_bans.put("b", others)
    both = compiled_bans.put("c", some + others)
    output = data.draw(st.lists(st.integers(0, len(tokens) - 1), max_size=8))
    apart = Matcher(compiled_bans.vocabulary, [one, other])
    joint = Matcher(compiled_bans.vocabulary, [both])
    for matcher in (apart, joint):
        matcher.read(output)
    assert forbidden(apart) == forbidden(joint)


@given(st.text(max_size=20))
def test_spelled_alike(text: str) -> None:
    """A string is found in itself, whatever it consists of."""
    try:
        vocabulary, bans = compiled([text.encode("utf-8", "surrogatepass")], [text])
    except BadBans:
        assert not spelled(text).strip(" ")
        return
    if text.isprintable():
        assert forbidden(Matcher(vocabulary, [bans])) == {0}
