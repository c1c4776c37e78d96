"""The thresholds that a gateway judges by: shipped, or from the file of `lethe calibrate`."""

from __future__ import annotations

import hashlib
import logging
import os
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gateway.errors import LetheError, SettingsError
from gateway.settings import Settings
from guards import Thresholds
from guards.meaning.calibration import Calibration, Point, interpolated
from guards.thresholds import shipped_curve

log = logging.getLogger(__name__)

DEFAULT_TARGET = 0.01

Rate = Annotated[float, Field(ge=0, le=1)]
Score = Annotated[float, Field(gt=0, le=2, allow_inf_nan=False)]


class CalibrationError(SettingsError):
    """The calibration file cannot be used; the message says the way out."""


class _Stored(BaseModel):
    model_config = ConfigDict(frozen=True)


class StoredPoint(_Stored):
    """One point of the curve, as the file has it."""

    target_fpr: Annotated[float, Field(gt=0, lt=1)]
    asked: Score
    about: Score
    flagged: Rate
    weighted: Rate
    flagged_by: dict[str, Rate]


class CalibrationFile(_Stored):
    """What `lethe calibrate` writes: no text of a prompt or a request is in it."""

    format: Literal[1] = 1
    encoder: str
    chosen: StoredPoint
    curve: tuple[StoredPoint, ...]
    negatives: int
    effective: float
    requests: int
    created: datetime
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Calibrated:
    """The thresholds in use, what they aim at, and which file they are from, if any.

    `id` is a digest of that file: replicas that show another one judge by other thresholds.
    """

    thresholds: Thresholds
    target_fpr: float
    id: str = "shipped"


def calibration_path(settings: Settings) -> Path:
    """The file that is read at start, whether it is there or not."""
    return settings.calibration or settings.data_dir / "calibration.json"


def calibrated(settings: Settings, encoder: str) -> Calibrated:
    """The thresholds that the settings lead to, for the encoder of that fingerprint.

    Raises `CalibrationError` for a file that is missing where one is named, unreadable or made
    with another encoder, and for a target that its curve or the shipped one does not reach.
    """
    path = calibration_path(settings)
    if settings.calibration is None and not path.exists():
        if settings.encoder or settings.adapter:
            log.warning(
                "The shipped thresholds are those of the packaged encoder and adapter; call 'lethe "
                "calibrate' for the ones that are set."
            )
        target = settings.target_fpr or DEFAULT_TARGET
        return Calibrated(shipped(target), target)
    stored, digest = _load(path)
    if stored.encoder != encoder:
        raise CalibrationError(
            f"The calibration {path} was made with another encoder; call 'lethe calibrate' again "
            f"with this one, or remove the file to use the shipped thresholds."
        )
    target = settings.target_fpr or stored.chosen.target_fpr
    if target == stored.chosen.target_fpr:
        return Calibrated(_thresholds(stored.chosen), target, digest)
    try:
        curve = [(point.target_fpr, _thresholds(point)) for point in stored.curve]
        return Calibrated(interpolated(curve, target), target, digest)
    except ValueError as error:
        raise CalibrationError(
            f"LETHE_TARGET_FPR: the calibration {path} does not reach it ({error}); call 'lethe "
            f"calibrate' with more negatives, or set another rate."
        ) from error


def shipped(target_fpr: float) -> Thresholds:
    """The shipped thresholds for a target rate; raises `CalibrationError`."""
    try:
        return interpolated(shipped_curve(), target_fpr)
    except ValueError as error:
        raise CalibrationError(
            f"LETHE_TARGET_FPR: the shipped thresholds do not reach it ({error}); call 'lethe "
            f"calibrate' with prompts of your own, or set another rate."
        ) from error


def as_stored(
    calibration: Calibration, *, encoder: str, negatives: int, requests: int
) -> CalibrationFile:
    """A calibration as its file has it."""
    return CalibrationFile(
        encoder=encoder,
        chosen=_point(calibration.chosen),
        curve=tuple(map(_point, calibration.curve)),
        negatives=negatives,
        effective=calibration.effective,
        requests=requests,
        created=datetime.now(UTC),
        warnings=calibration.warnings,
    )


def write_whole(path: Path, content: str) -> None:
    """Write a text file, whole or not at all; raises `LetheError`."""
    temporary = path.with_name(f"{path.name}.{secrets.token_hex(8)}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_text(content, encoding="utf-8")
        os.replace(temporary, path)  # noqa: PTH105
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise LetheError(
            f"{path} cannot be written ({error.strerror}); name another file."
        ) from error


def _load(path: Path) -> tuple[CalibrationFile, str]:
    try:
        content = path.read_bytes()
        digest = hashlib.sha256(content).hexdigest()[:12]
        return CalibrationFile.model_validate_json(content), digest
    except OSError as error:
        why = error.strerror or type(error).__name__
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        why = ": ".join((*map(str, first["loc"]), first["msg"]))
    raise CalibrationError(
        f"The calibration {path} cannot be read ({why}); call 'lethe calibrate' again, or remove "
        f"it and LETHE_CALIBRATION to use the shipped thresholds."
    )


def _thresholds(point: StoredPoint) -> Thresholds:
    return Thresholds(asked=point.asked, about=point.about)


def _point(point: Point) -> StoredPoint:
    return StoredPoint(
        target_fpr=point.target_fpr,
        asked=point.thresholds.asked,
        about=point.thresholds.about,
        flagged=point.flagged,
        weighted=point.weighted,
        flagged_by=dict(point.by_kind),
    )
