"""Having the next of some items fetched while one of them is used."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from typing import TypeVar

T = TypeVar("T")

_END = object()


async def ahead(items: AsyncIterator[T]) -> AsyncGenerator[T]:
    """The same items; while one is used, the next is on its way."""
    coming = asyncio.ensure_future(_next(items))
    try:
        while (item := await coming) is not _END:
            coming = asyncio.ensure_future(_next(items))
            yield item  # type: ignore[misc]
    finally:
        coming.cancel()
        await asyncio.gather(coming, return_exceptions=True)


async def _next(items: AsyncIterator[T]) -> T | object:
    return await anext(items, _END)
