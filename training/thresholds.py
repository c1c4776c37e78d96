"""Derives the shipped thresholds: what negatives of our own reach against filings of our own.

Of prompts that must be answered the kinds count alike, however many there are of each: an
over-sampled kind would otherwise set a threshold alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from random import Random

import numpy as np
from numpy.typing import NDArray

from demo.questions import questions
from demo.world import build_world
from guards import Conversation, Filing, RuleSet, Thresholds, best_scores, compile_rule
from guards.meaning.adapter import Adapter
from guards.meaning.calibration import TARGETS
from guards.rule import Encode, Rule
from training.material import Embedded, Person, general

Scores = NDArray[np.float64]
Fit = Callable[[Sequence[Embedded]], Adapter]

DRAWS = 7


def curve(people: Sequence[Embedded], encode: Encode, fit: Fit) -> dict[float, Thresholds]:
    """Target rate to thresholds.

    In each draw a third of the people trains an adapter, a third is filed, and a third is asked
    about: thresholds must not profit from what an adapter has seen.
    """
    about = [_about(people, encode, fit, seed) for seed in range(DRAWS)]
    asked = [_asked(encode, seed) for seed in range(DRAWS)]
    return {
        target: Thresholds(_typical(asked, target), _typical(about, target)) for target in TARGETS
    }


def _typical(draws: Sequence[list[Scores]], target: float) -> float:
    """The median threshold of the draws; a prompt may match by either kind, so each has half."""
    return round(float(np.median([_threshold(kinds, target / 2) for kinds in draws])), 3)


def _about(people: Sequence[Embedded], encode: Encode, fit: Fit, seed: int) -> list[Scores]:
    """The best scores of prompts about neighbours, about others, and of ordinary ones."""
    drawn = Random(seed).sample(list(people), len(people))
    third = len(drawn) // 3
    adapter = fit(drawn[:third])
    filed = [each.person for each in drawn[third : 2 * third]]
    others = [each.person for each in drawn[2 * third :]]
    rules = RuleSet.build(
        [_filed(person, number % 2 > 0, encode, adapter) for number, person in enumerate(filed)],
        1,
        adapter=adapter,
    )
    kinds = (
        [text for person in filed for text in person.neighbours],
        [text for person in others for text in person.prompts],
        general(),
    )
    return [_scores(rules, texts, encode) for texts in kinds]


def _filed(person: Person, described: bool, encode: Encode, adapter: Adapter) -> Rule:
    filing = Filing(
        id=person.name,
        name=person.name,
        aliases=person.aliases,
        description=person.passage if described else None,
        whole_subject=True,
    )
    return compile_rule(filing, encode, "", adapter)


def _scores(rules: RuleSet, texts: Sequence[str], encode: Encode) -> Scores:
    found = (best_scores(Conversation.of(text), rules, encode) for text in texts)
    # Who is named in full is no negative, whatever the prompt was written for.
    return np.asarray([best.get("about", (0.0, ""))[0] for best in found if "name" not in best])


def _asked(encode: Encode, seed: int) -> list[Scores]:
    """How close questions about the demo world's people come to filed ones about others.

    One question of each of them is filed, as it was trained; all are asked in other wordings.
    """
    world = build_world()
    by_person: dict[str, list[str]] = {person.name: [] for person in world.people}
    for question in questions(world):
        by_person[question.person].append(question.text)
    filed = [Random(seed + n).choice(texts) for n, texts in enumerate(by_person.values())]
    asked = questions(world, "held_out_wording")
    owners = [list(by_person).index(question.person) for question in asked]
    cosines = encode([question.text for question in asked]) @ encode(filed).T
    cosines[np.arange(len(asked)), owners] = -1.0
    return [cosines.max(axis=1).astype(np.float64)]


def _threshold(kinds: Sequence[Scores], target: float) -> float:
    """The lowest threshold, in steps of .005, that a kind reaches at the target rate on average."""
    for threshold in np.arange(0.3, 1.2, 0.005).tolist():
        if np.mean([(scores >= threshold).mean() for scores in kinds]) <= target:
            break
    return round(threshold, 3)


def as_table(found: Mapping[float, Thresholds]) -> list[dict[str, float]]:
    """A curve as it is written to the file that the guards read."""
    return [{"target_fpr": f, "asked": t.asked, "about": t.about} for f, t in found.items()]
