"""Whether a filing is refused, or held until an officer has looked at it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gateway.errors import InvalidRequest
from gateway.registry.filing import Filing
from guards import Action, Match
from guards import Filing as Material
from guards.collateral import Collateral
from guards.plausible import Doubt, doubt

_EXAMPLES = 5

_PATHS = {
    "name": "subject.name",
    "aliases": "subject.aliases",
    "forbidden": "scope.forbidden",
    "questions": "scope.questions",
    "passages": "scope.passages",
    "statements": "scope.facts",
    "values": "scope.facts",
}


@dataclass(frozen=True, slots=True)
class Hold:
    """Why a filing waits for an officer: codes and shares, and no text of it.

    `reason` is `collateral` where a share is over the limit, otherwise the code of the doubt about
    the texts of `field`.
    """

    reason: str
    rate: float
    replies_rate: float
    limit: float
    field: str | None = None

    def told(self) -> dict[str, Any]:
        """As it is kept, and answered."""
        told = {"reason": self.reason, "rate": round(self.rate, 4)}
        told |= {"replies_rate": round(self.replies_rate, 4), "limit": self.limit}
        return told | ({"field": self.field} if self.field else {})


def checked(filing: Filing) -> Doubt | None:
    """What an officer should look at in the texts of a filing.

    Raises `InvalidRequest` with the field where they would touch what everybody says.
    """
    found = doubtful(filing)
    if found is not None and found.refused:
        raise InvalidRequest(f"{path(found)}: {found.why}.", param=path(found), code=found.code)
    return found


def doubtful(filing: Filing) -> Doubt | None:
    """What speaks against a filing by its texts, the worst of it."""
    return doubt(_material(filing))


def held(collateral: Collateral, doubted: Doubt | None, limit: float) -> Hold | None:
    """Why a filing is not enforced before an officer has approved it; None where it may be."""
    over = max(collateral.rate, collateral.replies_rate) > limit
    if not over and doubted is None:
        return None
    return Hold(
        "collateral" if over or doubted is None else doubted.code,
        collateral.rate,
        collateral.replies_rate,
        limit,
        None if doubted is None else path(doubted),
    )


def path(found: Doubt) -> str:
    """The field of a filing's body that a doubt is about."""
    place = _PATHS[found.field]
    if found.number is not None:
        place += f".{found.number}"
    return f"{place}.statement" if found.field == "statements" else place


def sample_view(collateral: Collateral) -> dict[str, Any]:
    """What a filing would block of ordinary use, as it is answered, with the first examples."""
    return {
        "n": collateral.prompts,
        "blocked": len(collateral.blocked),
        "already_blocked": collateral.already,
        "rate": round(collateral.rate, 4),
        "examples": [_example(*each) for each in collateral.blocked[:_EXAMPLES]],
        "replies": {
            "n": collateral.replies,
            "stopped": len(collateral.stopped),
            "rate": round(collateral.replies_rate, 4),
            "examples": [
                {"text": text, "kind": leak.kind} for text, leak in collateral.stopped[:_EXAMPLES]
            ],
        },
    }


def enforces(filing: Filing) -> bool:
    """Whether a filing acts on anybody."""
    return filing.action is not Action.OBSERVE


def _example(prompt: str, match: Match) -> dict[str, Any]:
    return {
        "text": prompt,
        "score": match.score,
        "threshold": match.threshold,
        "detectors": match.detectors,
    }


def _material(filing: Filing) -> Material:
    """What of a filing is judged by its texts alone."""
    scope = filing.scope
    return Material(
        id="",
        name=filing.subject.name,
        aliases=filing.subject.aliases,
        questions=tuple(question.question for question in scope.questions),
        passages=scope.passages,
        statements=tuple(fact.statement for fact in scope.facts),
        forbidden=scope.forbidden,
        values=(
            *(value for fact in scope.facts for value in fact.values),
            *(question.answer for question in scope.questions if question.answer is not None),
        ),
        whole_subject=filing.whole_subject,
        action=filing.action,
    )
