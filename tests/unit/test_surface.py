"""The table of the HTTP surface: nothing is missing in it, and every line of it has its test."""

from __future__ import annotations

import ast
import re
from collections.abc import AsyncIterator, Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import httpx
import pytest

from gateway.openai.surface import COLUMNS, GENERATING, REFUSED, SERVED, Cell, Column, How, Refused
from gateway.openai.surface.page import page
from tests.unit.bare import bare_app
from tests.unit.promises import PROMISES

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "enforcement.md"
CELLS = [
    (column, route, cell)
    for column in COLUMNS
    for route, cell in zip(GENERATING, column.cells, strict=True)
]
# How vLLM's routers and OpenAI's client write paths.
HTTP = re.compile(r'\.(?:get|post|put|delete|api_route|websocket)\(\s*"(/[^"]*)"')
CALLED = re.compile(
    r'(?:path_template\(|self\._(?:get|post|put|delete|get_api_list)\()\s*"(/[^"]+)"'
)


@cache
def named_in(file: str) -> frozenset[str]:
    """The functions of a file under tests/, those of classes as Class::function."""
    path = ROOT / "tests" / file
    if not path.exists():
        return frozenset()
    return frozenset(_tests(ast.parse(path.read_text()), ""))


def _tests(node: ast.Module | ast.ClassDef, inside: str) -> Iterator[str]:
    for inner in node.body:
        if isinstance(inner, ast.ClassDef):
            yield from _tests(inner, f"{inner.name}::")
        elif isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef):
            yield inside + inner.name


def exists(proof: str) -> bool:
    """Whether there is a test of this node id under tests/."""
    file, _, name = proof.partition("::")
    return name.rpartition("::")[2].startswith("test_") and name in named_in(file)


def name_of(value: object) -> str:
    return value.name if isinstance(value, Column) else str(value) if isinstance(value, str) else ""


@pytest.mark.parametrize(("column", "route", "cell"), CELLS, ids=name_of)
def test_every_cell_has_a_test_that_proves_it(column: Column, route: str, cell: Cell) -> None:
    assert cell.how in How
    assert cell.what
    assert exists(cell.proof), f"{column.name} on {route}: there is no test {cell.proof}"


def test_every_route_has_a_test_that_proves_it() -> None:
    for served in SERVED:
        assert exists(served.proof), served
    assert {served.path for served in SERVED if served.method == "POST"} == set(GENERATING)


@pytest.mark.parametrize(("promise", "proofs"), PROMISES.items())
def test_every_promise_has_a_test_that_proves_it(promise: str, proofs: str) -> None:
    for proof in proofs.split():
        assert exists(proof), f"{promise}: there is no test {proof}"


def test_the_page_is_the_table() -> None:
    assert PAGE.read_text() == page(), (
        "docs/enforcement.md is not up to date: "
        "python -m gateway.openai.surface.page > docs/enforcement.md"
    )


def known(path: str) -> bool:
    served = {f"/v1/{route.path}" for route in SERVED}
    tops = {top for row in REFUSED for top in row.paths} | {"/v1/models"}
    return path in served or any(path == top or path.startswith(f"{top}/") for top in tops)


def test_every_route_of_vllm_is_served_or_refused() -> None:
    spec = find_spec("vllm")
    if spec is None or spec.origin is None:
        pytest.skip("vLLM is not installed")
    entrypoints = Path(spec.origin).parent / "entrypoints"
    paths = {path for file in entrypoints.rglob("*.py") for path in HTTP.findall(file.read_text())}
    assert "/invocations" in paths
    assert not sorted(path for path in paths - {"/", "/readyz"} if not known(path))


def test_every_route_of_openai_is_served_or_refused() -> None:
    spec = find_spec("openai")
    assert spec is not None
    assert spec.origin is not None
    resources = Path(spec.origin).parent / "resources"
    paths = {path for file in resources.rglob("*.py") for path in CALLED.findall(file.read_text())}
    assert "/embeddings" in paths
    assert not sorted(path for path in paths if not known(f"/v1{path.partition('?')[0]}"))


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(bare_app(open_access=True))
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as one:
        yield one


@pytest.mark.parametrize("row", REFUSED, ids=lambda row: row.name)
async def test_what_is_refused_says_the_way_out(client: httpx.AsyncClient, row: Refused) -> None:
    served = {("POST", f"/v1/{route}") for route in GENERATING}
    for path in row.paths:
        for asked in {("POST", path), ("GET", path), ("POST", f"{path}/more")} - served:
            answer = await client.request(*asked)
            assert answer.status_code == 404, asked
            error = answer.json()["error"]
            assert error["code"] == "unknown_route"
            assert error["message"].lower().endswith(row.why.lower()), asked


async def test_what_nobody_knows_is_refused_too(client: httpx.AsyncClient) -> None:
    for path in ("/v1/telepathy", "/telepathy", "/v1", "/v1/models/../telepathy"):
        answer = await client.post(path)
        assert answer.status_code == 404
        assert answer.json()["error"]["code"] == "unknown_route"
