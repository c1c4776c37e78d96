"""What one gateway enforces at one revision: records, rules, keys. Immutable, swapped whole."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from gateway.compiling import compile_filing
from gateway.encoder import Encoder
from gateway.registry.models import ApiKey, Record, State
from guards import Rule, RuleSet, load_rule


@dataclass(frozen=True, slots=True)
class Holdings:
    """Everything that a gateway took over from the registry, at `rules.revision` of a ledger.

    The methods compute new holdings and leave these as they are: whatever goes wrong on the way,
    nothing is half applied. They take milliseconds to seconds, so call them in a thread.
    """

    epoch: str | None = None
    rules: RuleSet = field(default_factory=RuleSet.empty)
    records: Mapping[str, Record] = field(default_factory=lambda: MappingProxyType({}))
    keys: Mapping[bytes, ApiKey] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def state(self) -> State:
        """As the snapshot on disk keeps it."""
        records, keys = tuple(self.records.values()), tuple(self.keys.values())
        return State(self.epoch or "", self.rules.revision, records, keys)

    def of_state(self, state: State, encoder: Encoder) -> Holdings:
        """The holdings of a whole state; compiles only what is not held yet.

        Raises `RuleError` for a rule that cannot be read or compiled.
        """
        held = {record.id: (record.version, record.revision) for record in self.records.values()}
        records = {record.id: record for record in state.records}
        fresh = [r for r in records.values() if held.get(r.id) != (r.version, r.revision)]
        if fresh or held.keys() - records.keys():
            compiled = {record.id: compiled_rule(record, encoder) for record in fresh}
            rules = [compiled.get(i) or self.rules.rules[i] for i in records]
            ruled = RuleSet.build(rules, state.revision)
        else:
            ruled = self.rules.at(state.revision)
        keys = {key.digest: key for key in state.keys}
        return Holdings(state.epoch, ruled, MappingProxyType(records), MappingProxyType(keys))

    def with_records(self, changed: Iterable[Record], revision: int, encoder: Encoder) -> Holdings:
        """These holdings at a later revision, with the records that changed since.

        Raises `RuleError` for a rule that cannot be read or compiled.
        """
        rules, records = self.rules, dict(self.records)
        for record in changed:
            if record.status.enforced:
                rules = rules.with_rule(compiled_rule(record, encoder), revision)
                records[record.id] = record
            else:
                rules = rules.without(record.id, revision)
                records.pop(record.id, None)
        return replace(self, rules=rules.at(revision), records=MappingProxyType(records))


def compiled_rule(record: Record, encoder: Encoder) -> Rule:
    """The rule of a record; embeddings of another encoder mean nothing and are computed anew.

    Raises `RuleError`.
    """
    rule = load_rule(record.rule)
    if rule.encoder == encoder.fingerprint:
        return rule
    return compile_filing(record.id, record.version, record.filing, encoder)
