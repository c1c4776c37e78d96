"""The end of Redis' append-only file, torn where Redis was killed while it wrote.

Redis cuts off what is torn at its next start, but at the last whole command: of a transaction that
was torn the beginning stays. What is written next becomes a part of that, and at the start after
next what was acknowledged is lost, or mixed with what never was (valkey-io/valkey#4342 mends it for
Valkey). So it is cut before the transaction, where redis-check-aof says, before Redis starts.
"""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

_WHOLE_UNTIL = re.compile(rb"ok_up_to=(\d+)")
_MULTI = b"*1\r\n$5\r\nMULTI\r\n"
_EXEC = b"*1\r\n$4\r\nEXEC\r\n"
_INCREMENT = re.compile(r"^file (\S+) .*\btype i\b", re.MULTILINE)


def mend(server: Path, folder: Path) -> None:
    """Cut a transaction that is not whole off the append-only file in a folder of no running Redis.

    `server` is the redis-server that will read it. What is broken in any other way is left alone:
    Redis refuses it, and says so. Raises `OSError` where the file cannot be read or cut.
    """
    path = _newest(folder)
    if path is None or not path.exists() or not path.stat().st_size:
        return
    # One program under several names.
    checked = subprocess.run(  # noqa: S603
        ["redis-check-aof", str(path)],  # noqa: S607  # a name, not what is started
        executable=server,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    found = _WHOLE_UNTIL.search(checked.stdout)
    if checked.returncode == 0 or found is None:
        return
    whole = int(found[1])
    with path.open("rb") as file:
        file.seek(whole)
        rest = file.read()
    if not rest.startswith(_MULTI) or _EXEC in rest:
        return  # a single command, which Redis cuts off itself; or something else is wrong
    os.truncate(path, whole)


def _newest(folder: Path) -> Path | None:
    """The file that is written to: from Redis 7 on one of several, before the only one."""
    manifest = folder / "appendonlydir" / "appendonly.aof.manifest"
    if not manifest.exists():
        return folder / "appendonly.aof"
    found = _INCREMENT.findall(manifest.read_text())
    return manifest.with_name(found[-1]) if found else None
