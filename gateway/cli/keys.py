"""`lethe keys`: issue and revoke API keys.

These commands talk to the registry itself, with the settings of the gateway beside which they
run: the first key must come from somewhere, and whoever holds the data key may issue keys.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from gateway.cli.client import show, show_one
from gateway.cli.rotate import rotate_data_key
from gateway.roles import ROLES

if TYPE_CHECKING:
    from gateway.registry.cipher import Cipher
    from gateway.registry.store import Registry

app = typer.Typer(
    help="Issue, list and revoke API keys; rotate the data key.", no_args_is_help=True
)
app.command("rotate-data-key")(rotate_data_key)
Config = Annotated[Path | None, typer.Option(help="The gateway's YAML file of settings.")]
T = TypeVar("T")


@app.command()
def create(
    role: Annotated[list[str], typer.Option(help=f"One of {', '.join(ROLES)}; repeatable.")],
    name: Annotated[str, typer.Option(help="Who holds it.")] = "",
    expires: Annotated[
        str | None,
        typer.Option(help="When it dies: days, such as 90d, or a date in UTC, such as 2031-01-31."),
    ] = None,
    model: Annotated[
        list[str] | None, typer.Option(help="A model that it may ask for; repeatable.")
    ] = None,
    requests_per_minute: Annotated[
        int | None, typer.Option(help="Requests a minute that each gateway process answers it.")
    ] = None,
    config: Config = None,
) -> None:
    """Issue a key; it is shown this once and kept nowhere."""
    for each in role:
        if each not in ROLES:
            raise typer.BadParameter(f"{each} is none of {', '.join(ROLES)}", param_hint="--role")

    from gateway.admin.keys import key_view
    from gateway.http import validated
    from gateway.issuing import KeyOrder

    ordered = {
        "roles": role,
        "name": name,
        "expires": expires,
        "models": model or None,
        "requests_per_minute": requests_per_minute,
    }

    async def work(registry: Registry, cipher: Cipher) -> dict[str, Any]:
        order = validated(KeyOrder, ordered)
        key, token = order.issue(cipher.derive("api-keys"), datetime.now(UTC))
        await registry.put_key(key, "command")
        return key_view(key) | {"key": token}

    show_one(_with_registry(config, work, new=True), "New key")


@app.command("list")
def listing(config: Config = None) -> None:
    """List the issued keys; their secrets are not kept."""

    from gateway.admin.keys import key_view

    async def work(registry: Registry, cipher: Cipher) -> list[dict[str, Any]]:
        return [key_view(key) for key in await registry.keys()]

    columns = {
        "id": "id",
        "name": "name",
        "roles": "roles",
        "created": "created_time",
        "expires": "expires_time",
        "models": "models",
    }
    show(_with_registry(config, work), columns, "Keys")


@app.command()
def revoke(key_id: Annotated[str, typer.Argument(metavar="ID")], config: Config = None) -> None:
    """Revoke a key; every gateway refuses it within milliseconds."""

    async def work(registry: Registry, cipher: Cipher) -> dict[str, Any]:
        await registry.drop_key(key_id, "command")
        return {"id": key_id, "revoked": True}

    show_one(_with_registry(config, work), "Revoked")


def _with_registry(
    config: Path | None, work: Callable[[Registry, Cipher], Awaitable[T]], *, new: bool = False
) -> T:
    """What comes of work on the registry; where there is none, `new` makes one."""
    from gateway.datakey import open_cipher
    from gateway.errors import SettingsError
    from gateway.registry_open import check_store, open_registry
    from gateway.settings_load import load_settings

    settings = load_settings(config)
    try:
        check_store(settings)
    except SettingsError:
        if not new:
            raise
        # Somebody in another folder than they think takes the key for one of the gateway's.
        print(
            f"There is no store in {settings.data_dir.absolute()} yet: making one.", file=sys.stderr
        )

    async def run() -> T:
        cipher = open_cipher(settings)
        async with open_registry(settings, cipher) as registry:
            await registry.open()
            return await work(registry, cipher)

    return asyncio.run(run())
