"""The Lua scripts that Redis runs: everything in one happens, or nothing."""

from __future__ import annotations

from importlib.resources import files

SCRIPTS: dict[str, tuple[str, ...]] = {
    "read": (),
    "create": (),
    "claim": (),
    "acknowledge": ("prelude", "settle"),
    "leave": ("prelude", "settle"),
    "file": ("prelude", "audited", "placing"),
    "amend": ("prelude", "audited", "placing"),
    "complete": ("prelude", "audited", "placing", "settle"),
    "steer": ("prelude", "audited"),
    "note": ("prelude", "audited"),
    "log": ("prelude", "audited"),
    "count": ("prelude",),
    "freeze": ("prelude",),
    "trace": ("prelude",),
    "put_key": ("prelude", "audited"),
    "drop_key": ("prelude", "audited"),
    "set_meta": ("prelude", "audited"),
    "reseal": ("prelude",),
    "put_recipient": ("prelude", "audited"),
    "drop_recipient": ("prelude", "audited"),
    "webhooks_enqueue": ("prelude",),
    "webhooks_take": ("prelude", "lanes"),
    "webhooks_again": ("prelude", "lanes"),
    "webhooks_done": ("prelude", "audited", "lanes"),
    "webhooks_hurry": ("prelude", "lanes"),
}
"""Every script, and what stands before it."""


def source(name: str) -> str:
    """The whole text of a script."""
    folder = files("gateway.registry") / "scripts"
    parts = (*SCRIPTS[name], name)
    return "\n".join((folder / f"{part}.lua").read_text("utf-8") for part in parts)
