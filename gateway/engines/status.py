"""What an engine's plug-in says of itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class EngineStatus:
    """One answer of `GET /v1/lethe/status`.

    `boot_id` changes whenever the engine was started anew and holds nothing; `epoch` and
    `revision` are those of the registry's ledger that it was brought to. `fingerprint` is that of
    the weights, `layers` the decoder layers at which it can steer. `self_test` is pending, passed
    or failed.
    """

    boot_id: str
    epoch: str | None
    revision: int
    self_test: str
    self_test_detail: str | None
    model: str | None
    fingerprint: str
    layers: tuple[int, ...]
    counters: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def of(cls, answer: Any) -> EngineStatus:
        """The status in an answer; raises `ValueError` for anything else."""
        try:
            model, epoch, detail = answer["model"], answer["epoch"], answer["self_test_detail"]
            return cls(
                boot_id=str(answer["boot_id"]),
                epoch=None if epoch is None else str(epoch),
                revision=int(answer["revision"]),
                self_test=str(answer["self_test"]),
                self_test_detail=None if detail is None else str(detail),
                model=None if model["id"] is None else str(model["id"]),
                fingerprint=str(model["fingerprint"]),
                layers=tuple(int(layer) for layer in model["steered_layers"]),
                counters=dict(answer.get("counters", {})),
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError("no status of an engine") from error
