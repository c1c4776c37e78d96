"""`python -m demo` tells the story; `python -m demo --serve` keeps the stack running."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
import tempfile
from pathlib import Path

from rich.console import Console

from demo.stack import MODEL, running_stack
from demo.story import Story
from gateway.errors import LetheError


def main() -> int:
    """Run what was asked for; exit code 0 only if all of it held."""
    parser = argparse.ArgumentParser(prog="python -m demo", description=__doc__)
    parser.add_argument("--serve", action="store_true", help="keep the stack running")
    arguments = parser.parse_args()
    console = Console(highlight=False, soft_wrap=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is stopped
    try:
        with (
            tempfile.TemporaryDirectory(prefix="lethe-demo-") as folder,
            running_stack(
                Path(folder),
                lambda what: console.print(f"[dim]… {what}[/dim]"),
                port=8080 if arguments.serve else None,
            ) as stack,
        ):
            if not arguments.serve:
                held = asyncio.run(Story(stack, console).tell())
                if not held:
                    _show_logs(Path(folder))
                return 0 if held else 1
            console.print(
                f"The gateway listens on {stack.url}, model {MODEL}. Stop it with Ctrl-C.\n"
                f"  export LETHE_URL={stack.url} LETHE_API_KEY={stack.key}\n"
                "  .venv/bin/lethe forget 'Mira Quell' --alias 'M. Quell'"
            )
            signal.pause()
    except KeyboardInterrupt:
        return 0
    except (LetheError, FileNotFoundError) as error:
        print(f"lethe: {error}", file=sys.stderr)
        return 1
    return 0


def _show_logs(folder: Path) -> None:
    """The end of each server's log, before the folder is removed."""
    for log in folder.glob("*.log"):
        last = log.read_text(errors="replace").splitlines()[-20:]
        print(f"--- {log.name}", *last, sep="\n", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
