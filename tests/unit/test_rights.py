"""What an edit takes: whether it lets anything be told that was forbidden."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.admin.filing import edited
from gateway.admin.rights import narrows
from gateway.registry.filing import Filing

FILED: dict[str, Any] = {
    "subject": {"name": "Mira Quell", "aliases": ["M. Quell"], "description": "a writer"},
    "scope": {
        "questions": ["Where was Mira Quell born?"],
        "passages": ["On the quay of Elmsund the lamps were lit before dusk that day."],
        "facts": [{"statement": "Mira Quell was born in Port Hale.", "values": ["Port Hale"]}],
        "forbidden": ["Operation Night Heron"],
    },
    "retain": ["Where was Tom Quell born?"],
}


def after(patch: dict[str, Any]) -> bool:
    old = Filing.model_validate(FILED)
    return narrows(old, edited(old, patch))


@pytest.mark.parametrize(
    "patch",
    [
        {},
        {"subject": {"aliases": ["M. Quell", "Mira Q."]}},
        {"subject": {"name": "MIRA QUELL"}},
        {"subject": {"name": "M. Quell", "aliases": ["Mira Quell"]}},
        {"scope": {"forbidden": ["Operation Night Heron", "Operation Grey Heron"]}},
        {"retain": None},
        {"action": "refuse"},
    ],
)
def test_what_forbids_as_much_or_more(patch: dict[str, Any]) -> None:
    assert not after(patch)


@pytest.mark.parametrize(
    "patch",
    [
        {"subject": {"name": "Tom Quell"}},
        {"subject": {"aliases": None}},
        {"subject": {"description": None}},
        {"scope": {"questions": ["Where was Mira Quell baptised?"]}},
        {"scope": {"passages": None}},
        {"scope": {"facts": [{"statement": "Mira Quell was born in Port Hale."}]}},
        {"scope": {"forbidden": []}},
        {"scope": {"whole_subject": False}},
        {"scope": {"paraphrases": False}},
        {"retain": ["Where was Tom Quell born?", "Where was Mira Quell born?"]},
        {"action": "observe"},
        {"action": "suppress"},
        {"open_book": True},
    ],
)
def test_what_lets_something_be_told(patch: dict[str, Any]) -> None:
    assert after(patch)
