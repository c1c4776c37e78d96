"""Loads the settings; says in one sentence which of them is wrong, and never quotes a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import ValidationError, ValidationInfo, field_validator
from pydantic_settings import SettingsConfigDict

from gateway.errors import SettingsError
from gateway.settings import Settings


def load_settings(config: Path | None = None, **overrides: Any) -> Settings:
    """Settings from arguments, the environment and a YAML file, in this order.

    Raises `SettingsError` with one sentence that names the setting and what is wrong.
    """

    class FromFile(Settings):
        model_config = SettingsConfigDict(yaml_file=config)

        @field_validator("*", mode="before")
        @classmethod
        def _switch(cls, value: Any, info: ValidationInfo) -> Any:
            # YAML reads a bare on or off as true or false.
            word = "on" if value is True else "off" if value is False else value
            field = cls.model_fields[info.field_name or ""]
            return word if word in get_args(field.annotation) else value

    try:
        if config is not None and not config.is_file():
            raise SettingsError(
                f"There is no settings file {config}; create it or leave out --config."
            )
        return FromFile(**overrides)
    except ValidationError as error:
        first = error.errors()[0]
        name = "LETHE_" + str(first["loc"][0]).upper() if first["loc"] else "Settings"
        raise SettingsError(f"{name}: {first['msg'].removeprefix('Value error, ')}.") from error
    except (yaml.YAMLError, OSError, ValueError, TypeError) as error:
        raise SettingsError(
            f"{config} is no readable YAML file of settings ({_told(error)}); write one setting a "
            "line, such as 'port: 8080'."
        ) from error


def _told(error: Exception) -> str:
    """What is wrong with a file, on one line and without quoting it: it may hold secrets."""
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        return f"{error.problem} in line {error.problem_mark.line + 1}"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    if isinstance(error, UnicodeDecodeError | yaml.reader.ReaderError):
        return "it is no UTF-8 text"
    return "it does not hold names with values"
