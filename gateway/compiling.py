"""From what was filed to what the guards look for."""

from __future__ import annotations

from gateway.encoder import Encoder
from gateway.registry.filing import Filing
from guards import Filing as Material
from guards import Rule, compile_rule


def compile_filing(request_id: str, version: int, filing: Filing, encoder: Encoder) -> Rule:
    """Compile a filing to a rule; computes its embeddings, so call it in a thread.

    Raises `RuleError` when nothing in it can be matched.
    """
    scope = filing.scope
    return compile_rule(
        Material(
            id=request_id,
            version=version,
            name=filing.subject.name,
            aliases=filing.subject.aliases,
            description=filing.subject.description,
            questions=tuple(question.question for question in scope.questions),
            passages=scope.passages,
            statements=tuple(fact.statement for fact in scope.facts),
            forbidden=scope.forbidden,
            retain=tuple(question.question for question in filing.retain),
            whole_subject=filing.whole_subject,
            action=filing.action,
        ),
        encoder.encode,
        encoder.fingerprint,
        encoder.adapter,
    )
