"""The data key: read from the settings, from a file, or made once in the data folder."""

from __future__ import annotations

import base64
import binascii
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.durable import create_once, make_folder
from gateway.errors import SettingsError

if TYPE_CHECKING:
    from gateway.settings import Settings


def data_key(settings: Settings) -> bytes:
    """The 32-byte data key; created with mode 600 when Redis is embedded and none is set.

    Raises `SettingsError` when it is missing, malformed or cannot be kept.
    """
    if settings.data_key is not None:
        return _decode(settings.data_key.get_secret_value(), "LETHE_DATA_KEY")
    if settings.data_key_file is not None:
        return _from_file(settings.data_key_file)
    path = settings.data_dir / "data.key"
    try:
        if settings.redis_url is None and not path.exists():
            make_folder(path.parent)
            create_once(path, base64.b64encode(secrets.token_bytes(32)))
        # Read back in any case: another gateway on this data folder may have been faster.
        return _decode(_read(path), str(path))
    except FileNotFoundError as error:
        if settings.redis_url is None:
            raise _unusable(settings.data_dir, error) from error
        raise SettingsError(
            "LETHE_DATA_KEY is missing: set it, or LETHE_DATA_KEY_FILE, to 32 random bytes in "
            "base64 (openssl rand -base64 32) and give every gateway the same."
        ) from error
    except OSError as error:
        raise _unusable(settings.data_dir, error) from error


def _from_file(path: Path) -> bytes:
    try:
        return _decode(_read(path), str(path))
    except OSError as error:
        raise SettingsError(
            f"LETHE_DATA_KEY_FILE: {path} is no readable file ({error.strerror}); write 32 random "
            "bytes in base64 into one (openssl rand -base64 32) and name it."
        ) from error


def _read(path: Path) -> str:
    return path.read_text(encoding="ascii", errors="replace")


def _decode(text: str, where: str) -> bytes:
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != 32:
        raise SettingsError(
            f"{where} is no 32-byte key in base64; make one with: openssl rand -base64 32."
        )
    return key


def _unusable(folder: Path, error: OSError) -> SettingsError:
    return SettingsError(
        f"LETHE_DATA_DIR: the data key cannot be kept in {folder} ({error.strerror}); set it to a "
        "folder of your own."
    )
