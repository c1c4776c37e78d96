"""Filing each line of a file, and telling line by line what became of it."""

from __future__ import annotations

import asyncio
import hmac
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from uuid import UUID

import orjson

from gateway.admin.forget import ForgetRequests
from gateway.admin.standing import Stood, stood
from gateway.caller import Caller
from gateway.errors import (
    ApiError,
    InvalidRequest,
    NotFound,
    RegistryUnavailable,
    TooLarge,
    frames,
)
from gateway.lines import Lines, lines_of
from gateway.registry.errors import RegistryError
from gateway.rows import Format, columns_of, row_of

log = logging.getLogger(__name__)

MOST = 100_000
"""Lines of one import: what becomes of each is held until all have been read."""
_AT_ONCE = 16

Told = dict[str, Any]
File = Callable[[Any, Caller, Stood], Awaitable[Told]]


class Importing:
    """Files the lines of a file, some at a time, in their order of beginning."""

    def __init__(self, requests: ForgetRequests, key: bytes) -> None:
        self._requests = requests
        self._key = key

    async def run(
        self, pieces: AsyncIterator[bytes], kind: Format, who: Caller, *, most: int, dry_run: bool
    ) -> list[Told]:
        """What became of each line, in the order of the file.

        A line larger than `most` bytes ends the file, and so does a first line of CSV without
        columns.
        """
        columns: tuple[str, ...] | None = None
        told: list[Told] = []
        room, works = asyncio.Semaphore(_AT_ONCE), set[asyncio.Task[None]]()
        file: File = self._tried if dry_run else self._filed
        found, number = Lines(kind, most), 1
        try:
            async for number, line in lines_of(pieces, found):
                if kind == "csv" and columns is None:
                    columns = columns_of(line)
                    continue
                if len(told) == MOST:
                    told.append(_too_many(number))
                    break
                told.append({"line": number})
                await room.acquire()
                work = asyncio.create_task(self._one(told[-1], line, columns, who, file))
                works.add(work)
                work.add_done_callback(works.discard)
                work.add_done_callback(lambda done: room.release())
        except TooLarge as error:  # where the next begins is not known
            told.append({"line": found.begins} | _failed(error))
        except InvalidRequest as error:  # the columns
            told.append({"line": number} | _failed(error))
        finally:
            await asyncio.gather(*works)
        return told

    async def _one(
        self,
        told: Told,
        line: bytes,
        columns: tuple[str, ...] | None,
        who: Caller,
        file: File,
    ) -> None:
        try:
            body, state = row_of(line, columns)
            before = stood(state)
            known = await self._known(before) or _left_out(before)
            told |= known or await file(before.body(body), who, before)
        except ApiError as error:
            told |= _failed(error)
        except RegistryError as error:
            told |= _failed(RegistryUnavailable(str(error), code="registry_untrusted"))
        except Exception as error:
            log.error("%s while importing\n%s", type(error).__name__, frames(error))
            told |= _failed(ApiError("Something went wrong inside the gateway.", code="internal"))

    async def _known(self, before: Stood) -> Told | None:
        """A request that was exported from here: it stands where it stands, whatever became of it.

        None where there is none.
        """
        if before.id is None:
            return None
        try:
            record = await self._requests.parts.registry.get(before.id)
        except NotFound:
            return None
        return {"status": 200, "id": record.id, "request": record.status.value}

    async def _filed(self, body: Any, who: Caller, before: Stood) -> Told:
        record, new = await self._requests.file(self._named(body), who, before)
        return {"status": 201 if new else 200, "id": record.id, "request": record.status.value}

    async def _tried(self, body: Any, who: Caller, before: Stood) -> Told:
        await self._requests.check(body)
        return {"status": 200}

    def _named(self, body: Any) -> Any:
        """A body with a subject_request_id: of its content where it has none of its own.

        So a file that is imported twice files nothing twice.
        """
        if not isinstance(body, dict) or body.get("subject_request_id") is not None:
            return body
        try:
            content = orjson.dumps(body, option=orjson.OPT_SORT_KEYS)
        except orjson.JSONEncodeError:  # it is nested more deeply than any filing, and refused
            return body
        made = UUID(bytes=hmac.digest(self._key, content, "sha256")[:16], version=4)
        return body | {"subject_request_id": str(made)}


def _left_out(before: Stood) -> Told | None:
    """What is told of a request that would act if it were filed again, and did not."""
    return {"status": 200, "not_filed": f"it was {before.status}"} if before.over else None


def _failed(error: ApiError) -> Told:
    return {"status": error.status, **error.body()}


def _too_many(number: int) -> Told:
    error = InvalidRequest(
        f"One import takes {MOST:,} lines; import this line and what follows by themselves.",
        code="too_many_lines",
    )
    return {"line": number} | _failed(error)
