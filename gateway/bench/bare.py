"""A bare pass-through on aiohttp: the peer that Lethe's cost is compared with."""

from __future__ import annotations

import argparse
from collections.abc import AsyncIterator

import aiohttp
import uvloop
from aiohttp import web

_UPSTREAM = web.AppKey("upstream", str)
_SESSION = web.AppKey("session", aiohttp.ClientSession)


async def _session(app: web.Application) -> AsyncIterator[None]:
    async with aiohttp.ClientSession() as session:
        app[_SESSION] = session
        yield


async def _forward(request: web.Request) -> web.StreamResponse:
    body = await request.read()
    headers = {"Content-Type": "application/json"}
    url = request.app[_UPSTREAM] + request.path
    async with request.app[_SESSION].post(url, data=body, headers=headers) as answer:
        if answer.content_type != "text/event-stream":
            return web.Response(
                body=await answer.read(), status=answer.status, content_type=answer.content_type
            )
        relay = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await relay.prepare(request)
        async for chunk in answer.content.iter_any():
            await relay.write(chunk)
        await relay.write_eof()
        return relay


async def _health(request: web.Request) -> web.Response:
    return web.Response(text="ok")


def main() -> None:
    """Serve on loopback until the process is ended."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--upstream", required=True)
    arguments = parser.parse_args()
    app = web.Application(client_max_size=64 * 2**20)
    app[_UPSTREAM] = arguments.upstream
    app.cleanup_ctx.append(_session)
    app.router.add_get("/health", _health)
    app.router.add_post("/v1/{rest:.*}", _forward)
    uvloop.install()
    web.run_app(app, host="127.0.0.1", port=arguments.port, print=None, access_log=None)


if __name__ == "__main__":
    main()
