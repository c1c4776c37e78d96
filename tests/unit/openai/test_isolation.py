"""What the way of a chat does not touch."""

from __future__ import annotations

import ast
from pathlib import Path

import gateway.openai

ROOM = Path(gateway.openai.__file__).parent


def test_no_chat_asks_the_registry() -> None:
    for file in ROOM.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            names = (
                [alias.name for alias in node.names] if isinstance(node, ast.Import)
                else [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            )  # fmt: skip
            for name in names:
                assert not name.startswith(("redis", "gateway.registry")), f"{file}: {name}"
