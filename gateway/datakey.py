"""The data key: read from the settings, from a file, or made once in the data folder.

While it is rotated there are two of them: the key itself, and the one before.
"""

from __future__ import annotations

import base64
import binascii
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.durable import create_once, make_folder
from gateway.errors import SettingsError
from gateway.registry.cipher import Cipher

if TYPE_CHECKING:
    from gateway.settings import Settings


def data_key(settings: Settings) -> bytes:
    """The 32-byte data key; created with mode 600 when Redis is embedded and none is set.

    Raises `SettingsError` when it is missing, malformed or cannot be kept.
    """
    if settings.data_key is not None:
        return _decode(settings.data_key.get_secret_value(), "LETHE_DATA_KEY")
    if settings.data_key_file is not None:
        return _from_file(settings.data_key_file, "LETHE_DATA_KEY_FILE")
    path = kept_in(settings)
    try:
        if settings.redis_url is None and not path.exists():
            make_folder(path.parent)
            create_once(path, encoded(secrets.token_bytes(32)))
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


def previous_data_key(settings: Settings) -> bytes | None:
    """The data key before, where there is one: set, or beside the key in the data folder.

    Raises `SettingsError` when it is malformed or cannot be read.
    """
    if settings.previous_data_key is not None:
        return _decode(settings.previous_data_key.get_secret_value(), "LETHE_PREVIOUS_DATA_KEY")
    if settings.previous_data_key_file is not None:
        return _from_file(settings.previous_data_key_file, "LETHE_PREVIOUS_DATA_KEY_FILE")
    path = before(kept_in(settings))
    if not in_folder(settings) or not path.exists():
        return None
    try:
        return _decode(_read(path), str(path))
    except OSError as error:
        raise _unusable(settings.data_dir, error) from error


def open_cipher(settings: Settings) -> Cipher:
    """What seals and opens with the data keys of the settings; raises `SettingsError`."""
    return Cipher(data_key(settings), previous_data_key(settings))


def key_files(settings: Settings) -> tuple[Path, ...]:
    """The files from which data keys are read, whether they are there or not."""
    named = [settings.data_key_file, settings.previous_data_key_file]
    if in_folder(settings):
        named += [kept_in(settings), before(kept_in(settings))]
    return tuple(path for path in named if path is not None)


def in_folder(settings: Settings) -> bool:
    """Whether the data key is the one in the data folder, and none that is set."""
    return settings.data_key is None and settings.data_key_file is None


def kept_in(settings: Settings) -> Path:
    """The data key of the data folder."""
    return settings.data_dir / "data.key"


def before(path: Path) -> Path:
    """Where the data key before is, beside the data key of the data folder."""
    return path.with_name(f"{path.name}.previous")


def encoded(key: bytes) -> bytes:
    """A data key as it stands in a file."""
    return base64.b64encode(key)


def _from_file(path: Path, setting: str) -> bytes:
    try:
        return _decode(_read(path), str(path))
    except OSError as error:
        raise SettingsError(
            f"{setting}: {path} is no readable file ({error.strerror}); write 32 random "
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
