"""JSON documents and ways to cut them up, for the tests of this folder."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

# With what must be escaped, what may be, pairs of surrogates and halves of them.
TEXTS = st.text(
    st.sampled_from('aQ 1"\\/\n\t\x00é\u2028😀\ud83d\ude00') | st.characters(), max_size=8
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@st.composite
def documents(draw: st.DrawFn, values: st.SearchStrategy[Any] = VALUES) -> str:
    """A value as any writer might write it."""
    text = json.dumps(
        draw(values),
        ensure_ascii=draw(st.booleans()),
        indent=draw(st.sampled_from([None, 1, "\t"])),
        separators=draw(st.sampled_from([(",", ":"), (" , ", " : ")])),
    )
    if draw(st.booleans()):
        text = re.sub(r"\\u[0-9a-f]{4}", lambda m: "\\u" + m[0][2:].upper(), text)
    return text.replace("/", "\\/") if draw(st.booleans()) else text


@st.composite
def chunks(draw: st.DrawFn, texts: st.SearchStrategy[str]) -> list[str]:
    """A text in pieces, some of them empty."""
    text = draw(texts)
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=12)))
    if draw(st.booleans()):
        cuts = list(range(len(text)))
    pairs = zip([0, *cuts], [*cuts, len(text)], strict=True)
    return [text[start:stop] for start, stop in pairs]


ANYTHING: st.SearchStrategy[str] = st.lists(
    st.sampled_from(
        ['"', "\\", "\\u", "\\ud83d", "\\ude00", "\\n", "{", "}", "[", "]", ":", ",", " ", "\n",
         "true", "tr", "null", "-", "0", "12", ".", "e", "+", "Mira", "é", "😀", '{"a":"', '"}']
    )
    | st.text(max_size=2),
    max_size=16,
).map("".join)  # fmt: skip
"""Texts that are JSON now and then."""


def strings(value: Any) -> Sequence[str]:
    """The string values at any depth, in order."""
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [string for item in inner for string in strings(item)]
