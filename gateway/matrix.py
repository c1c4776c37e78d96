"""The authorisation matrix, read from the routes that an application has."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import dataclass

from fastapi import FastAPI
from fastapi.routing import APIRoute

from gateway.access import RoleCheck
from gateway.roles import ROLES


@dataclass(frozen=True, slots=True)
class Permission:
    """Which roles may call a route; None where it asks for no key. `what` is what it is for."""

    method: str
    path: str
    path_format: str
    roles: frozenset[str] | None
    what: str

    @property
    def name(self) -> str:
        """Method and path, as documents name the route."""
        return f"{self.method} {self.path_format}"


def matrix(app: FastAPI) -> list[Permission]:
    """One permission for each route and method, in the order of paths."""
    return sorted(_permissions(app), key=lambda found: (found.path, found.method))


def table(app: FastAPI) -> str:
    """The matrix in Markdown."""
    rows = [("route", *ROLES, "no key"), ("---",) * (len(ROLES) + 2)]
    for found in matrix(app):
        roles = found.roles
        may = [roles is None or role in roles for role in ROLES]
        marks = ("yes" if each else "" for each in (*may, roles is None))
        rows.append((f"`{found.name}`", *marks))
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _permissions(app: FastAPI) -> Iterator[Permission]:
    for route in app.routes:
        if isinstance(route, APIRoute) and route.include_in_schema:
            checks = (depends.dependency for depends in route.dependencies)
            needed = [check.roles for check in checks if isinstance(check, RoleCheck)]
            roles = frozenset.intersection(*needed) if needed else None
            what = inspect.getdoc(route.endpoint) or ""
            for method in sorted(route.methods):
                yield Permission(method, route.path, route.path_format, roles, what)
