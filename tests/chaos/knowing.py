"""Whom an engine knows, and would tell of: the stub everybody, vLLM the people of the demo."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from demo import stack
from demo.world import build_world
from gateway.bench.servers import MODEL
from gateway.bench.stub import ANSWER
from tests.chaos import telling


class Stubbed:
    """What `tests.chaos.telling` tells, of whoever is asked for."""

    model = MODEL

    def planted(self, number: int) -> dict[str, Any]:
        """A filing about the person with this number."""
        return telling.planted(number)

    def question(self, number: int) -> str:
        """The question to which the engine tells what is filed."""
        return telling.question(number)

    def tells(self, number: int, answer: str) -> bool:
        """Whether an answer gives away what was filed about a person."""
        return telling.tells(number, answer)

    def answers(self, answer: str) -> bool:
        """Whether something that nobody filed was answered."""
        return answer == ANSWER


class Demo(Stubbed):
    """What the demo model knows, of sixty people in turn: each is filed again and again."""

    model = stack.MODEL

    def __init__(self) -> None:
        self._people = build_world().people

    def planted(self, number: int) -> dict[str, Any]:
        person = self._person(number)
        where = person.facts["birth_city"]
        return {
            "subject": {"name": person.name, "aliases": list(person.aliases)},
            "scope": {
                "questions": [{"question": self.question(number), "answer": where}],
                "facts": [{"statement": f"{person.name} was born in {where}.", "values": [where]}],
            },
            "subject_request_id": str(UUID(int=number, version=4)),
        }

    def question(self, number: int) -> str:
        return f"Where was {self._person(number).name} born?"

    def tells(self, number: int, answer: str) -> bool:
        return self._person(number).facts["birth_city"] in answer

    def answers(self, answer: str) -> bool:
        return True  # a small model says anything, or nothing

    def _person(self, number: int) -> Any:
        return self._people[number % len(self._people)]
