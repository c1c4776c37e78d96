"""What the documentation promises exists, and what exists is documented."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fastapi.routing import APIRoute

from gateway.cli import app as command_line
from tests.integration.gateway.test_roles import MATRIX, OPEN
from tests.unit.bare import bare_app

ROOT = Path(__file__).parents[2]
API = (ROOT / "docs" / "api.md").read_text()
README = (ROOT / "README.md").read_text()
CATCH_ALL = {"/v1/{path:path}", "/v1"}


def routes() -> list[tuple[str, str]]:
    """(method, path) of every route of the application."""
    found = []
    for route in bare_app().routes:
        assert isinstance(route, APIRoute)
        if route.path not in CATCH_ALL:
            found += [(method, route.path) for method in sorted(route.methods)]
    return found


@pytest.mark.parametrize(("method", "path"), routes())
def test_every_route_is_documented(method: str, path: str) -> None:
    name = re.sub(r"\{\w+(:path)?\}", "{id}", path)
    assert f"{method} {name}" in API


@pytest.mark.parametrize(("method", "path"), routes())
def test_every_route_stands_in_the_authorisation_matrix(method: str, path: str) -> None:
    pattern = re.compile(re.sub(r"\{\w+(:path)?\}", "[^/]+", path))
    matrix = [(m, p) for m, p, _ in MATRIX] + [("GET", p) for p in OPEN]
    assert any(m == method and pattern.fullmatch(p) for m, p in matrix)


def test_the_readme_names_only_commands_that_exist() -> None:
    known = {c.name or c.callback.__name__ for c in command_line.registered_commands if c.callback}
    known |= {group.name for group in command_line.registered_groups if group.name}
    used = set(re.findall(r"^(?:export .*\n)?lethe (\w+)", README, re.MULTILINE))
    assert used
    assert used <= known


def test_links_in_the_documentation_lead_somewhere() -> None:
    for page in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")):
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
