"""What one gateway enforces at one revision: records, rules, keys. Immutable, swapped whole."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from immutables import Map

from gateway.compiling import Compiler
from gateway.registry.delta import Delta
from gateway.registry.filed import filing_from
from gateway.registry.models import ApiKey, Record, State
from guards import Rule, RuleError, RuleSet, dump_rule, load_rule
from guards.segments import Compaction

_SHARE = 10
"""One rule in so many is added by itself; more at a time are indexed with all the others."""


@dataclass(frozen=True, slots=True)
class Holdings:
    """Everything that a gateway took over from the registry, at `rules.revision` of a ledger.

    The methods compute new holdings and leave these as they are: whatever goes wrong on the way,
    nothing is half applied. They take milliseconds to seconds, so call them in a thread. What did
    not change is shared: embeddings are views into the bytes of `Record.rule`.
    """

    epoch: str | None = None
    rules: RuleSet = field(default_factory=RuleSet.empty)
    records: Map[str, Record] = field(default_factory=Map)
    keys: Mapping[bytes, ApiKey] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def state(self) -> State:
        """As the snapshot on disk keeps it."""
        records, keys = tuple(self.records.values()), tuple(self.keys.values())
        return State(self.epoch or "", self.rules.revision, records, keys)

    def delta(self, ids: Iterable[str], keys: tuple[ApiKey, ...] | None) -> Delta:
        """As the snapshot keeps that the records with these ids, and the keys, have changed."""
        there = {name: self.records.get(name) for name in ids}
        return Delta(
            self.epoch or "",
            self.rules.revision,
            tuple(record for record in there.values() if record is not None),
            tuple(name for name, record in there.items() if record is None),
            keys,
        )

    def of_state(self, state: State, compiler: Compiler) -> Holdings:
        """The holdings of a whole state; compiles only what is not held yet.

        Raises `RuleError` or `Unreadable` for a rule that cannot be compiled.
        """
        enforced = {record.id for record in state.records}
        gone = [name for name in self.records if name not in enforced]
        fresh = [record for record in state.records if not self._holds(record)]
        if _SHARE * (len(fresh) + len(gone)) <= len(self.records):
            held = self._with(fresh, gone, state.revision, compiler)
        else:
            held = self._built(fresh, gone, state.revision, compiler)
        return replace(held, epoch=state.epoch, keys=_by_digest(state.keys))

    def with_changes(
        self,
        changed: Iterable[Record],
        keys: Iterable[ApiKey] | None,
        revision: int,
        compiler: Compiler,
    ) -> Holdings:
        """These holdings at a later revision: records that changed since, and keys, if they did.

        Raises `RuleError` or `Unreadable` for a rule that cannot be compiled.
        """
        changed = list(changed)
        fresh = [record for record in changed if record.enforced]
        gone = [record.id for record in changed if not record.enforced]
        held = self._with(fresh, gone, revision, compiler)
        return held if keys is None else replace(held, keys=_by_digest(keys))

    def with_compacted(self, compaction: Compaction) -> Holdings:
        """The same holdings with a part of their rule set merged."""
        return replace(self, rules=self.rules.with_compacted(compaction))

    def differing(self, records: Mapping[str, Record]) -> list[str]:
        """The ids whose records are not these, or are on one side only."""
        here = (name for name, record in self.records.items() if records.get(name) is not record)
        return [*here, *(name for name in records if name not in self.records)]

    def _holds(self, record: Record) -> bool:
        held = self.records.get(record.id)
        return held is not None and (held.version, held.revision) == (
            record.version,
            record.revision,
        )

    def _with(
        self, fresh: Iterable[Record], gone: Iterable[str], revision: int, compiler: Compiler
    ) -> Holdings:
        """With some records added or taken out one by one."""
        rules, records = self.rules, self.records
        for name in gone:
            rules = rules.without(name, revision)
            records = records.delete(name) if name in records else records
        for given in fresh:
            record, rule = compiled(given, compiler)
            rules, records = rules.with_rule(rule, revision), records.set(record.id, record)
        return replace(self, rules=rules.at(revision), records=records)

    def _built(
        self, fresh: Iterable[Record], gone: Iterable[str], revision: int, compiler: Compiler
    ) -> Holdings:
        """With many records added or taken out at once."""
        rules = dict(self.rules.rules)
        with self.records.mutate() as changing:
            for name in gone:
                del changing[name], rules[name]
            for given in fresh:
                record, rules[given.id] = compiled(given, compiler)
                changing[record.id] = record
            records = changing.finish()
        ruled = RuleSet.build(rules.values(), revision, self.rules.thresholds, self.rules.adapter)
        return replace(self, rules=ruled, records=records)


def compiled(record: Record, compiler: Compiler) -> tuple[Record, Rule]:
    """A record with its rule, which share their memory.

    One of an older format, or made with another encoder or key, which means nothing, is compiled
    anew from the filing. That of a blind filing cannot be: see `Compiler.adopted`. Raises
    `RuleError` or `Unreadable` where that fails.
    """
    try:
        rule = load_rule(record.rule, compiler.key)
    except RuleError:
        rule = None
    if rule is not None and compiler.reads(rule):
        return record, rule
    filing = filing_from(record.filed)
    if filing.blind:
        return record, compiler.adopted(record.id, rule)
    anew = compiler.compile(record.id, record.version, filing)
    record = replace(record, rule=dump_rule(anew))
    return record, load_rule(record.rule, compiler.key)


def _by_digest(keys: Iterable[ApiKey]) -> Mapping[bytes, ApiKey]:
    return MappingProxyType({key.digest: key for key in keys})
