"""`lethe keys`: issue and revoke API keys.

These commands talk to the registry itself, with the settings of the gateway beside which they
run: the first key must come from somewhere, and whoever holds the data key may issue keys.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from gateway.cli.client import show, show_one
from gateway.roles import ROLES

if TYPE_CHECKING:
    from gateway.registry.cipher import Cipher
    from gateway.registry.models import ApiKey
    from gateway.registry.store import Registry

app = typer.Typer(help="Issue, list and revoke API keys.", no_args_is_help=True)
Config = Annotated[Path | None, typer.Option(help="The gateway's YAML file of settings.")]
T = TypeVar("T")


@app.command()
def create(
    role: Annotated[list[str], typer.Option(help=f"One of {', '.join(ROLES)}; repeatable.")],
    name: Annotated[str, typer.Option(help="Who holds it.")] = "",
    config: Config = None,
) -> None:
    """Issue a key; it is shown this once and kept nowhere."""
    for each in role:
        if each not in ROLES:
            raise typer.BadParameter(f"{each} is none of {', '.join(ROLES)}", param_hint="--role")

    from gateway.access import new_key

    async def work(registry: Registry, cipher: Cipher) -> dict[str, Any]:
        key, token = new_key(name, frozenset(role), cipher.derive("api-keys"))
        await registry.put_key(key, "command")
        return _row(key) | {"key": token}

    show_one(_with_registry(config, work), "New key")


@app.command("list")
def listing(config: Config = None) -> None:
    """List the issued keys; their secrets are not kept."""

    async def work(registry: Registry, cipher: Cipher) -> list[dict[str, Any]]:
        return [_row(key) for key in await registry.keys()]

    columns = {"id": "id", "name": "name", "roles": "roles", "created": "created_time"}
    show(_with_registry(config, work), columns, "Keys")


@app.command()
def revoke(key_id: Annotated[str, typer.Argument(metavar="ID")], config: Config = None) -> None:
    """Revoke a key; every gateway refuses it within milliseconds."""

    async def work(registry: Registry, cipher: Cipher) -> dict[str, Any]:
        await registry.drop_key(key_id, "command")
        return {"id": key_id, "revoked": True}

    show_one(_with_registry(config, work), "Revoked")


def _with_registry(config: Path | None, work: Callable[[Registry, Cipher], Awaitable[T]]) -> T:
    from gateway.datakey import data_key
    from gateway.parts import open_registry
    from gateway.registry.cipher import Cipher
    from gateway.settings_load import load_settings

    settings = load_settings(config)

    async def run() -> T:
        cipher = Cipher(data_key(settings))
        async with open_registry(settings, cipher) as registry:
            await registry.open()
            return await work(registry, cipher)

    return asyncio.run(run())


def _row(key: ApiKey) -> dict[str, Any]:
    return {
        "id": key.id,
        "name": key.name,
        "roles": sorted(key.roles),
        "created_time": key.created_time.isoformat(),
    }
