"""What of a filing is sent through a model to make vectors of."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gateway.engines.texts import MOST, forget_texts, has_texts
from gateway.registry.filing import Filing

some = st.lists(st.text("ab. \n", min_size=1).map("a{}".format), max_size=3)
told = st.none() | st.text("ab. \n", min_size=1).map("a{}".format)


@st.composite
def filings(draw: st.DrawFn) -> Filing:
    """Filings of every shape; a forbidden string makes each of them worth filing."""
    scope: dict[str, Any] = {name: draw(some) for name in ("questions", "passages")}
    scope["facts"] = [{"statement": text} for text in draw(some)]
    scope |= {"forbidden": ["Night Heron"], "whole_subject": draw(st.none() | st.booleans())}
    subject = {"name": draw(told), "description": draw(told)}
    return Filing.model_validate({"subject": subject, "scope": scope})


@given(filings())
def test_whether_there_are_texts_is_told_without_them(filing: Filing) -> None:
    texts = forget_texts(filing)
    assert bool(texts) == has_texts(filing)
    assert len(texts) <= MOST
