"""The written material, read and embedded."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from guards.rule import Encode, Vectors
from guards.text.segment import readable, slices

FOLDER = Path(__file__).with_name("material")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a passage, prompts that ask about them and prompts that ask about others."""

    name: str
    aliases: tuple[str, ...]
    passage: str
    prompts: tuple[str, ...]
    neighbours: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Embedded:
    """A person's texts as embeddings: name (1, d), passage windows (k, d), prompts, neighbours."""

    person: Person
    name: Vectors
    passage: Vectors
    prompts: Vectors
    neighbours: Vectors


def people(folder: Path = FOLDER) -> list[Person]:
    """Everybody in the material's `people-*.jsonl`."""
    return [_person(row) for file in sorted(folder.glob("people-*.jsonl")) for row in _rows(file)]


def general(folder: Path = FOLDER) -> list[str]:
    """Ordinary prompts that ask about none of them."""
    return [row["text"] for row in _rows(folder / "general.jsonl")]


def embedded(found: Sequence[Person], encode: Encode) -> list[Embedded]:
    """Everybody's texts, embedded as the guards embed them."""
    return [
        Embedded(
            person,
            encode([readable(person.name)]),
            encode(windows(person.passage)),
            encode([readable(text) for text in person.prompts]),
            encode([readable(text) for text in person.neighbours]),
        )
        for person in found
    ]


def windows(text: str) -> list[str]:
    """What is embedded of a text."""
    return [readable(text[start:end]) for start, end in slices(text)]


def _person(row: dict[str, Any]) -> Person:
    prompts = [
        text
        for fact in row["facts"]
        for text in (fact["cloze"], fact["question"], *fact["adversarial"])
    ]
    neighbours = [neighbour["text"] for neighbour in row["neighbours"]]
    aliases = tuple(row["aliases"])
    return Person(row["name"], aliases, row["passage"], tuple(prompts), tuple(neighbours))


def _rows(file: Path) -> Iterator[dict[str, Any]]:
    with file.open(encoding="utf-8") as lines:
        yield from (json.loads(line) for line in lines if line.strip())
