"""Texts that are said in several languages, as `gateway/data` holds them."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from typing import TypeVar

import yaml
from pydantic import TypeAdapter

T = TypeVar("T")


def written(file: str, kind: type[T]) -> Mapping[str, T]:
    """The texts of a file in `gateway/data`, by language."""
    source = files("gateway").joinpath("data", file).read_text(encoding="utf-8")
    return TypeAdapter(dict[str, kind]).validate_python(yaml.safe_load(source))  # type: ignore[valid-type]
