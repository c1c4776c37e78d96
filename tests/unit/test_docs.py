"""What the documentation promises exists, and what exists is documented."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fastapi.routing import APIRoute

from gateway.cli import app as command_line
from gateway.matrix import Permission, matrix, table
from gateway.openapi.document import ROWS
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


@pytest.mark.parametrize(
    "found", matrix(bare_app()), ids=lambda found: f"{found.method}{found.path}"
)
def test_every_route_has_the_roles_of_the_authorisation_matrix(found: Permission) -> None:
    """A route without a row in MATRIX or OPEN fails: say there who may call it."""
    pattern = re.compile(re.sub(r"\{\w+(:path)?\}", "[^/]+", found.path))
    rows: list[tuple[str, str, set[str] | frozenset[str] | None]] = [
        *MATRIX,
        *(("GET", p, None) for p in OPEN),
    ]
    itself = {each.path for each in matrix(bare_app())} - {found.path}
    named = [
        roles
        for method, path, roles in rows
        if method == found.method and pattern.fullmatch(path) and path not in itself
    ]
    assert named == [found.roles]


def test_every_route_is_described_in_the_openapi_document() -> None:
    """A route without a row fails: describe it in gateway/openapi, by method and path."""
    served = {found.name for found in matrix(bare_app())}
    assert served - ROWS.keys() == set(), "describe them in gateway/openapi"
    assert ROWS.keys() - served == set(), "they are described, and not there"


@pytest.mark.parametrize("found", matrix(bare_app()), ids=lambda row: row.name)
def test_every_route_says_what_it_is_for(found: Permission) -> None:
    assert found.what


def test_the_page_shows_the_authorisation_matrix() -> None:
    _, _, rest = (ROOT / "docs" / "access.md").read_text().partition("<!-- matrix -->\n")
    shown, _, _ = rest.partition("\n<!-- /matrix -->")
    assert shown == table(bare_app()), f"put this between the marks:\n{table(bare_app())}"


def commands() -> set[str]:
    found = command_line.registered_commands
    known = {c.name or c.callback.__name__.replace("_", "-") for c in found if c.callback}
    return known | {group.name for group in command_line.registered_groups if group.name}


def test_the_readme_names_only_commands_that_exist() -> None:
    used = set(re.findall(r"^(?:export .*\n)?lethe (\w+)", README, re.MULTILINE))
    assert used
    assert used <= commands()


def test_the_settings_say_of_every_command_whether_it_asks_a_gateway() -> None:
    text = (ROOT / "docs" / "settings.md").read_text()
    (told,) = re.findall(r"^Commands that talk to .*?\n\n", text, re.MULTILINE | re.DOTALL)
    named = {word for code in re.findall(r"`([^`]+)`", told) for word in code.split()}
    assert commands() <= named


PAGES = (
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "CHANGELOG.md",
    ROOT / "deploy" / "README.md",
    *sorted((ROOT / "docs").glob("*.md")),
)
LINK = re.compile(r"\]\(([^)#:\s]*)(?:#([^)\s]*))?\)")


def prose(page: Path) -> str:
    """A page without its blocks of code, where # begins a comment."""
    return re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)


def anchors(page: Path) -> set[str]:
    """What GitHub calls the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_in_the_documentation_lead_somewhere(page: Path) -> None:
    """A section that a merge has lost fails where something leads to it."""
    for target, heading in LINK.findall(prose(page)):
        led_to = (page.parent / target).resolve() if target else page
        assert led_to.exists(), target
        if heading:
            assert heading in anchors(led_to), f"{target}#{heading}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_pages_end_with_a_whole_line(page: Path) -> None:
    assert page.read_text().endswith("\n")
