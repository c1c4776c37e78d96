"""The audit as a stream of lines: the entries as they were hashed, and the signed end."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import orjson

from gateway.audit.heads import signed_head
from gateway.errors import ApiError, InvalidRequest, RegistryUnavailable
from gateway.registry import common
from gateway.registry.audit import Head, follow, genesis, hash_of
from gateway.registry.errors import RegistryError
from gateway.registry.store import Registry
from gateway.signing import Signer

_TOGETHER = 250
"""Entries that are read and checked at once: a few milliseconds."""


class AuditExport:
    """The entries after one, so many at most, or all there are."""

    def __init__(
        self, registry: Registry, signer: Signer, after: int = 0, limit: int | None = None
    ) -> None:
        self._registry = registry
        self._signer = signer
        self._after = after
        self._left = limit

    async def lines(self) -> AsyncGenerator[bytes, None]:
        """Each line with its end; entries that come meanwhile are left out.

        What goes wrong before the first line is raised: `InvalidRequest` for an entry that there is
        not, `RegistryUnavailable` and `RegistryError`. Later it is the last line, in place of the
        head, as `{"error": …}`.
        """
        epoch, end = await self._registry.audit_head()
        head = await self._start(epoch, end)
        left = end.number - head.number
        if self._left is not None:
            left = min(left, self._left)
        begun = False
        try:
            while left:
                found = await self._registry.audit(head.number, min(left, _TOGETHER))
                if not found:
                    raise common.cut_audit(head.number + 1)
                head = follow(found, head)
                begun = True
                yield b"".join([line + b"\n" for line in found])
                left -= len(found)
        except (ApiError, RegistryError) as error:
            if not begun:
                raise
            yield _told(error)
            return
        yield signed_head(epoch, head, self._signer).line + b"\n"

    async def _start(self, epoch: str, end: Head) -> Head:
        """What the first line follows."""
        if self._after == 0:
            return genesis(epoch)
        if self._after > end.number:
            raise InvalidRequest(
                f"after is {self._after}, and the audit ends with entry {end.number}.",
                param="after",
            )
        (line,) = await self._registry.audit(self._after - 1, 1)
        return Head(self._after, hash_of(line))


def _told(error: ApiError | RegistryError) -> bytes:
    if isinstance(error, RegistryError):
        error = RegistryUnavailable(str(error), code="registry_untrusted")
    return orjson.dumps(error.body()) + b"\n"
