"""The prompts that a dry run tries a filing on."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.errors import SettingsError
from gateway.retained import MOST, load_retained
from guards import forget_intent


def test_the_packaged_prompts_are_many_and_each_once() -> None:
    prompts = load_retained(None)
    assert len(prompts) >= 300
    assert len(set(prompts)) == len(prompts)
    assert not any(map(forget_intent, prompts))


def test_lines_of_text_and_of_json_may_be_mixed(tmp_path: Path) -> None:
    file = tmp_path / "prompts"
    file.write_text('\ufeffHello\n\n{"text": "Who is\\nTom Hart?"}\n  7 apples \n')
    assert load_retained(file) == ("Hello", "Who is\nTom Hart?", "7 apples")


def test_of_a_long_file_every_so_manieth_is_taken(tmp_path: Path) -> None:
    file = tmp_path / "prompts"
    file.write_text("".join(f"Question {i}\n" for i in range(2_500)))
    prompts = load_retained(file)
    assert len(set(prompts)) == MOST
    assert prompts[0] == "Question 0"
    assert prompts[-1] == "Question 2497"


def test_only_the_end_of_a_line_ends_a_prompt(tmp_path: Path) -> None:
    file = tmp_path / "prompts"
    file.write_bytes('{"text": "Who\u2028is\x85that?"}\r\nHello\x0cthere\n'.encode())
    assert load_retained(file) == ("Who\u2028is\x85that?", "Hello\x0cthere")


@pytest.mark.parametrize(
    "content", [None, b"", b"\n \n", b'{"prompt": "x"}', b"{", b"\xff\xfe\x00", b'{"text": 1}']
)
def test_an_unusable_file_names_the_setting_and_the_way_out(
    tmp_path: Path, content: bytes | None
) -> None:
    file = tmp_path / "prompts"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(SettingsError, match=r"LETHE_RETAINED_PROMPTS.*leave the setting out"):
        load_retained(file)
