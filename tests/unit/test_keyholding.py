"""The keys of a running gateway: files that are replaced, and a start while Redis is away."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway import keyholding, rotating
from gateway.datakey import before, encoded, kept_in, open_cipher
from gateway.errors import RegistryUnavailable, SettingsError
from gateway.keyholding import KeyHolder
from gateway.registry.cipher import Cipher, sealed_by
from gateway.registry.errors import WrongDataKey
from gateway.registry.keyring import Keyring
from gateway.registry.memory import MemoryRegistry
from gateway.registry.redis_meta import Standing
from gateway.settings import Settings

ONE, TWO, THREE = (bytes([number]) * 32 for number in (1, 2, 3))
RING = Keyring.of(ONE)


class Store(MemoryRegistry):
    """A store whose keyring is that of the first key, and which uses the second by now."""

    def __init__(self, cipher: Cipher, trouble: Exception | None = None) -> None:
        super().__init__()
        self.cipher = cipher
        self.trouble = trouble

    async def open(self) -> str:
        if self.trouble is not None:
            raise self.trouble
        self.cipher.use(Cipher(TWO).newest)
        self.cipher.adopt(RING)
        return await super().open()


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyholding, "_EVERY_S", 0.01)


@pytest.fixture
def given(tmp_path: Path) -> Settings:
    settings = Settings(data_dir=tmp_path)
    kept_in(settings).write_bytes(encoded(TWO))
    return settings


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not holds():  # noqa: ASYNC110  # what is waited for is a file
            await asyncio.sleep(0.01)


def away() -> RegistryUnavailable:
    return RegistryUnavailable("away", code="registry_unavailable")


async def test_the_keyring_is_there_at_a_start_without_redis(given: Settings) -> None:
    file = given.data_dir / "keyring.bin"
    cipher = open_cipher(given)
    async with KeyHolder(given, cipher, Store(cipher)):
        await until(file.exists)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert RING.key("lookup") not in file.read_bytes()
    cipher = open_cipher(given)
    async with KeyHolder(given, cipher, Store(cipher, away())):
        assert cipher.keyring == RING


@pytest.mark.parametrize("trouble", [away(), WrongDataKey("another key")])
async def test_without_both_the_gateway_starts_and_must_be_restarted_later(
    given: Settings, trouble: Exception
) -> None:
    (given.data_dir / "keyring.bin").write_bytes(b"garbage")
    cipher = open_cipher(given)
    store = Store(cipher, trouble)
    async with KeyHolder(given, cipher, store):
        assert cipher.derive("lookup") == Cipher(TWO).derive("lookup")
        store.trouble = None
        with pytest.raises(SettingsError, match="restart"):
            await store.open()
    assert (given.data_dir / "keyring.bin").read_bytes() == b"garbage"


async def test_what_waiting_would_not_mend_ends_the_start(given: Settings) -> None:
    cipher = open_cipher(given)
    with pytest.raises(SettingsError, match="evicts"):
        async with KeyHolder(given, cipher, Store(cipher, SettingsError("Redis evicts"))):
            pass


def put(path: Path, content: bytes) -> None:
    """Write a file that nobody sees half written."""
    path.with_suffix(".new").write_bytes(content)
    path.with_suffix(".new").replace(path)


async def test_new_keys_in_files_are_learnt_and_bad_ones_told_once(
    given: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    cipher = open_cipher(given)
    file = given.data_dir / "keyring.bin"
    async with KeyHolder(given, cipher, Store(cipher)):
        await until(file.exists)
        put(kept_in(given), b"short")
        await until(lambda: bool(caplog.records))
        put(before(kept_in(given)), encoded(TWO))
        put(kept_in(given), encoded(THREE))
        await until(lambda: Cipher(THREE).newest in cipher.known)
        assert cipher.key_id == Cipher(TWO).newest
        cipher.use(Cipher(THREE).newest)
        await until(lambda: sealed_by(file.read_bytes()) == Cipher(THREE).newest)
    assert len(caplog.records) == 1


class TestANewKeyInTheFolder:
    def renewed(self, given: Settings, used: bytes, *, finished: bool = True) -> list[bytes]:
        """The keys in the folder, after a command that found this one in use."""
        standing = Standing(Cipher(used).newest, "", finished)
        rotating._renew(given, open_cipher(given), standing)
        path = kept_in(given)
        return [path.read_bytes(), before(path).read_bytes()]

    def test_is_made_and_the_one_before_kept(self, given: Settings) -> None:
        new, old = self.renewed(given, TWO)
        assert old == encoded(TWO)
        assert new not in (encoded(ONE), encoded(TWO))

    def test_a_command_that_ended_before_it_was_used_goes_on_with_it(self, given: Settings) -> None:
        before(kept_in(given)).write_bytes(encoded(ONE))
        assert self.renewed(given, ONE) == [encoded(TWO), encoded(ONE)]

    def test_a_command_that_ended_while_sealing_goes_on_with_it(self, given: Settings) -> None:
        before(kept_in(given)).write_bytes(encoded(ONE))
        assert self.renewed(given, TWO, finished=False) == [encoded(TWO), encoded(ONE)]

    def test_a_command_that_ended_between_the_two_files_has_lost_none(
        self, given: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def killed(key: bytes) -> bytes:
            raise KeyboardInterrupt

        with monkeypatch.context() as patched:
            patched.setattr(rotating, "encoded", killed)
            with pytest.raises(KeyboardInterrupt):
                self.renewed(given, TWO)
        assert open_cipher(given).known == {Cipher(TWO).newest}
        assert self.renewed(given, TWO)[1] == encoded(TWO)

    def test_a_full_disk_leaves_the_old_one(
        self, given: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(path: Path, content: bytes) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(rotating, "write_whole", full)
        with pytest.raises(SettingsError, match="No space left"):
            self.renewed(given, TWO)
        assert kept_in(given).read_bytes() == encoded(TWO)

    def test_two_commands_do_not_make_two_keys(self, given: Settings) -> None:
        with (
            rotating._alone(given),
            pytest.raises(SettingsError, match="going on"),
            rotating._alone(given),
        ):
            pass
