"""A steering vector: what pulls activations towards what is to be forgotten, at one layer."""

from __future__ import annotations

import base64
import binascii
import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from steering.errors import BadVector

Floats = NDArray[np.float32]

_UNIT = 1e-2
"""How far the length of a direction may be from 1: what comes back from half precision is."""


@dataclass(frozen=True, eq=False)
class SteeringVector:
    """One direction of one rule, for one model.

    `model` is the fingerprint of the weights whose activations it was built from: for other
    weights it means nothing. `layer` counts decoder layers from 0. `direction`, shape (H,), has
    unit norm; `scale` is the mean norm of activations there, and `alpha` the strength, so that the
    vector that is subtracted is `alpha · scale · direction` (arXiv 2605.12765). `centroid`, shape
    (d,), unit norm, is the sentence embedding of the texts that it stands for: of several vectors
    of a rule, those act whose centroid is close to the prompt.

    Raises `BadVector` when it could not act.
    """

    rule: str
    version: int
    model: str
    layer: int
    direction: Floats = field(repr=False)
    scale: float
    alpha: float
    centroid: Floats | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if self.layer < 0:
            raise BadVector(f"layer {self.layer} does not exist; layers count from 0.")
        if self.direction.ndim != 1 or not self.direction.size:
            raise BadVector(f"a direction has one axis, not shape {self.direction.shape}.")
        length = float(np.linalg.norm(self.direction))
        if not abs(length - 1) <= _UNIT:  # also what is not a number
            raise BadVector(f"a direction has length 1, not {length:g}; normalise it.")
        for name, value in (("scale", self.scale), ("alpha", self.alpha)):
            if not (math.isfinite(value) and value >= 0):
                raise BadVector(f"{name} must be a finite number from 0 on, not {value}.")

    @property
    def width(self) -> int:
        """H, the hidden size of the model that it is for."""
        return int(self.direction.size)

    @property
    def pull(self) -> Floats:
        """What is subtracted from activations, shape (H,)."""
        return np.asarray(self.direction * np.float32(self.alpha * self.scale), np.float32)

    @cached_property
    def fingerprint(self) -> str:
        """32 hexadecimal digits that two vectors share only if they act alike."""
        digest = hashlib.sha256(
            f"{self.model}|{self.layer}|{self.scale!r}|{self.alpha!r}|".encode()
        )
        digest.update(np.ascontiguousarray(self.direction, "<f4").tobytes())
        return digest.hexdigest()[:32]

    def as_json(self) -> dict[str, Any]:
        """As it travels and is stored: plain JSON, arrays as base64 of little-endian float32."""
        return {
            "rule": self.rule,
            "version": self.version,
            "model": self.model,
            "layer": self.layer,
            "direction": _text_of(self.direction),
            "scale": self.scale,
            "alpha": self.alpha,
            "centroid": None if self.centroid is None else _text_of(self.centroid),
        }

    @classmethod
    def from_json(cls, fields: Any) -> SteeringVector:
        """The vector of `as_json`; raises `BadVector`."""
        if not isinstance(fields, Mapping):
            raise BadVector("a vector is a JSON object.")
        try:
            centroid = fields.get("centroid")
            return cls(
                rule=_typed(fields, "rule", str),
                version=_typed(fields, "version", int),
                model=_typed(fields, "model", str),
                layer=_typed(fields, "layer", int),
                direction=_floats(_typed(fields, "direction", str)),
                scale=float(_typed(fields, "scale", int | float)),
                alpha=float(_typed(fields, "alpha", int | float)),
                centroid=None if centroid is None else _floats(centroid),
            )
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise BadVector(f"a vector cannot be read: {error}.") from error


def _typed(fields: Mapping[str, Any], name: str, kind: Any) -> Any:
    value = fields.get(name)
    if not isinstance(value, kind) or isinstance(value, bool):
        raise ValueError(f"{name} is missing or of another type")
    return value


def _text_of(values: Floats) -> str:
    return base64.b64encode(np.ascontiguousarray(values, "<f4").tobytes()).decode()


def _floats(text: str) -> Floats:
    try:
        return np.frombuffer(base64.b64decode(text, validate=True), "<f4").astype(np.float32)
    except (binascii.Error, ValueError) as error:
        raise ValueError("an array is base64 of little-endian float32") from error
