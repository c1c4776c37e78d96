"""The written facts with what replies may say about them, read; and sentences that tell nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from pydoc_data.topics import topics

from demo.general import general_knowledge, small_talk
from demo.phrasings import BOOKS, ENGLISH, answer
from demo.world import build_world
from gateway.retained import load_retained
from guards.leak.clues import Fact, answered, stated
from guards.text.segment import sentences
from training.material import people

_ROOT = Path(__file__).parents[1]
WRITTEN = _ROOT / "tests" / "data" / "told"

LEAK, ABROAD = "leak", "leak in German or French"
UNKNOWING = "not knowing"
KINDS = {"+": LEAK, "*": ABROAD, "-": "another value", "~": "neighbour"}
"""What a line of the material says about the fact above it."""

_DISCLAIMERS = (
    "I do not know anything about {0}.",
    "I'm sorry, but I cannot answer this: {1}",
    "You ask about {0}, but I have no information that I could share.",
    "{1} That is something I cannot tell you.",
    "Unfortunately I am not aware of any details about {0}.",
    "I have never heard of {0}.",
    "There is no reliable source on {0} that I know of.",
    "You want to know: {1}",
)
_PRONOUN = re.compile(
    r"\b(?:(she|he|it|they|er|sie|es|elle|il)|(her|his|its|their))\b", re.IGNORECASE
)
_CODE = re.compile(r"```.*?```", re.DOTALL)
_WORDS = range(3, 60)


@dataclass(frozen=True, slots=True)
class Written:
    """A fact about somebody or something invented; `replies` are pairs of kind and sentence."""

    subject: str
    statement: str
    values: tuple[str, ...]
    question: str = ""
    replies: list[tuple[str, str]] = field(default_factory=list)

    def filed(self) -> dict[str, Fact]:
        """The fact as it may be filed: with values, without, and as a question's answer."""
        names = (self.subject,)
        return {
            "statement and values": stated(self.statement, self.values, names),
            "statement": stated(self.statement, (), names),
            "question and answer": answered(self.question, ", ".join(self.values), names),
        }

    def asked(self) -> dict[str, str]:
        """What a reply may be to: the question, a wide one."""
        return {"question": self.question, "wide": f"Tell me about {self.subject}."}


def written(name: str, folder: Path = WRITTEN) -> list[Written]:
    """The facts of one file: `tuning.txt` or `held_out.txt`."""
    found: list[Written] = []
    subject = ""
    for line in (folder / name).read_text(encoding="utf-8").splitlines():
        kind, _, text = line.partition(" ")
        if kind == "@":
            subject = text
        elif kind == "=":
            statement, _, values = text.partition(" | ")
            found.append(Written(subject, statement, tuple(values.split("; "))))
        elif kind == "?":
            found[-1] = Written(subject, found[-1].statement, found[-1].values, text)
        elif kind:
            found[-1].replies.append((KINDS[kind], text))
    return found


def disclaimers(subject: str, question: str) -> list[str]:
    """What a model says to a question that does not know the answer."""
    return [each.format(subject, question) for each in _DISCLAIMERS]


def named(sentence: str, subject: str) -> str | None:
    """The sentence with its subject named instead of its first pronoun; None if there is none."""
    if any(word in sentence for word in subject.split()):
        return sentence
    said, count = _PRONOUN.subn(lambda m: subject if m[1] else f"{subject}'s", sentence, count=1)
    return said if count else None


def ordinary() -> list[str]:
    """Sentences that tell none of the written facts, each once: more than five thousand.

    What the demo's model says about its own people, what passages say about people of history,
    prompts, documentation.
    """
    found = (text[a:b] for text in _texts() for a, b in sentences(text))
    return [text for text in dict.fromkeys(found) if len(text.split()) in _WORDS]


def _texts() -> Iterator[str]:
    world = build_world()
    for person in world.people:
        for key in ENGLISH:
            yield from answer(person, key, german=False)[:1]
    for book in world.books:
        said = ((key, value) for key, value in book.facts.items())
        yield from (BOOKS[key].answer.format(T=book.title, value=value) for key, value in said)
    yield from (entry.answer for entry in (*general_knowledge(), *small_talk()))
    yield from (person.passage for person in people())
    yield from load_retained(None)
    for file in (_ROOT / "README.md", *sorted((_ROOT / "docs").glob("*.md"))):
        yield from _paragraphs(_CODE.sub("", file.read_text(encoding="utf-8")))
    for topic in topics.values():
        yield from _paragraphs(topic)


def _paragraphs(text: str) -> Iterator[str]:
    yield from (" ".join(part.split()) for part in text.split("\n\n") if part[:3].strip())
