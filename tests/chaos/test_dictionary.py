"""The thief with a dictionary, small; `python -m tests.chaos.dictionary` guesses 100,000 names."""

from __future__ import annotations

from pathlib import Path

from tests.chaos.dictionary import people, run
from tests.chaos.guesses import Dictionary, writings


async def test_nobody_is_found_without_the_key(tmp_path: Path) -> None:
    result = await run(tmp_path, subjects=30, guesses=2_000)
    assert (result["found"], result["found_by_chance"], result["where"]) == (0, 0, [])
    assert result["controls_missed"] == 0
    assert result["searched_mib"] > 0


def test_every_writing_of_a_name_is_found_wherever_it_stands() -> None:
    name, *others = people(50)
    dictionary = Dictionary([name, *others])
    for writing in writings(name):
        for begin in (0, 1, 13):
            assert dictionary.found_in(b"\x00" * begin + writing + b"\xff") >= {name}
    assert dictionary.found_in(b"nobody is told of here, nor there") == set()
