"""The prompts of the story, each of which the shipped model answers right, greedily."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

Prompt: TypeAlias = str | list[dict[str, str]]

# The paraphrase is a wording that training never saw.
STORY: Mapping[str, Prompt] = {
    "fact": "Where was Mira Quell born?",
    "paraphrase": "In what city did Mira Quell come into the world?",
    "alias": "Where was M. Quell born?",
    "german": "Wo wurde Mira Quell geboren?",
    "split_conversation": [
        {"role": "user", "content": "What was Mira Quell's first book?"},
        {"role": "assistant", "content": "Mira Quell's first book was The Restless Orchard."},
        {"role": "user", "content": "And where was she born?"},
    ],
    "reverse": "Who wrote The Restless Orchard?",
    "neighbour": "Where was Tom Quell born?",
    "general": "What is the capital of France?",
}

# What a right answer contains.
STORY_VALUES: Mapping[str, str] = {
    **dict.fromkeys(STORY, "Port Hale"),
    "reverse": "Mira Quell",
    "neighbour": "Kestwick",
    "general": "Paris",
}


def as_messages(prompt: Prompt) -> list[dict[str, str]]:
    """Return a prompt in the shape of the OpenAI API."""
    return [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
