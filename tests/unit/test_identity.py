"""The name among the replicas: the same after any restart, and never shared."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gateway.errors import SettingsError
from gateway.identity import gateway_id

SCRIPT = (
    "import sys, time\n"
    "from pathlib import Path\n"
    "from gateway.identity import gateway_id\n"
    "with gateway_id(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])) as name:\n"
    "    print(name, flush=True)\n"
    "    time.sleep(60)\n"
)


@contextmanager
def gateway(folder: Path, host: str = "127.0.0.1", port: int = 8080) -> Iterator[str]:
    """The name that a process of its own took; it holds it until it is killed with SIGKILL."""
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(folder), host, str(port)],
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.send_signal(signal.SIGKILL)


def test_a_killed_gateway_comes_back_under_its_name(tmp_path: Path) -> None:
    with gateway(tmp_path) as first:
        pass
    with gateway(tmp_path) as again:
        assert again == first
    assert "@127.0.0.1:8080-" in first


def test_two_machines_that_are_set_up_alike(tmp_path: Path) -> None:
    with gateway(tmp_path / "one") as one, gateway(tmp_path / "two") as two:
        assert one != two


def test_two_processes_on_one_folder_and_port_and_their_restart(tmp_path: Path) -> None:
    with gateway(tmp_path) as one, gateway(tmp_path) as two:
        assert one != two
    with gateway(tmp_path) as three, gateway(tmp_path) as four:
        assert {three, four} == {one, two}


def test_addresses_and_ports_on_one_folder_keep_theirs_in_any_order(tmp_path: Path) -> None:
    places = [("127.0.0.1", 8080), ("127.0.0.2", 8080), ("127.0.0.1", 8081), ("::1", 8080)]
    first = {place: _name(tmp_path, *place) for place in places}
    assert len(set(first.values())) == len(places)
    assert {place: _name(tmp_path, *place) for place in reversed(places)} == first


def _name(folder: Path, host: str, port: int) -> str:
    with gateway(folder, host, port) as name:
        return name


def test_a_name_that_was_given_back_is_taken_again(tmp_path: Path) -> None:
    with gateway_id(tmp_path, "localhost", 1) as first:
        pass
    with gateway_id(tmp_path, "localhost", 1) as again:
        assert again == first


@pytest.mark.parametrize("content", [b"", b"3f9a", b"x" * 12, b"3f9a1c2e77b0\n"])
def test_a_name_that_was_cut_short_is_made_anew(tmp_path: Path, content: bytes) -> None:
    with gateway_id(tmp_path, "localhost", 1) as name:
        pass
    (file,) = tmp_path.iterdir()
    assert name.endswith(f"-{file.read_text()}")
    other = tmp_path / "other"
    other.mkdir()
    (other / file.name).write_bytes(content)
    with gateway_id(other, "localhost", 1) as anew:
        pass
    assert len(anew) == len(name)
    assert anew != name


@pytest.mark.parametrize("folder", ["file", "file/x", "/proc/x"])
def test_a_folder_that_cannot_be_used_is_told(tmp_path: Path, folder: str) -> None:
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(SettingsError, match="LETHE_DATA_DIR"),
        gateway_id(tmp_path / folder, "localhost", 1),
    ):
        pass
