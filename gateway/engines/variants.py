"""Which vectors of a forget request are meant: for which weights, at which layer, how strong."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Variant:
    """Vectors of one request are kept side by side for each of these.

    Two models, engines that are steered at different layers, and gateways in the middle of a
    change of settings each find their own, and nobody makes anew what another one uses.
    """

    fingerprint: str
    layer: int
    alpha: float

    @property
    def acts(self) -> tuple[int, float]:
        """At which layer, and how strongly."""
        return self.layer, self.alpha

    @property
    def key(self) -> str:
        """What it is stored under."""
        return f"{self.fingerprint}:{self.layer}:{self.alpha:g}"
