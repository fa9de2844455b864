"""How many requests a second the router answers, beside an endpoint that returns a dict.

Both are served by one process each; a client in this process keeps some connections busy.
"""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import time

from harness import ENVIRONMENT, ROOT

_APP = """
import json
from fastapi import FastAPI
app = FastAPI()
document = json.loads({document!r})
@app.get("/system/status/")
{kind} status():
    return document
"""
_ROUTER = """
from fastapi import FastAPI
from valhalla_manifest.http import create_router
app = FastAPI()
app.include_router(create_router("manifest/system.yaml"))
"""
_SERVE = """
import sys, uvicorn
space = {}
exec(sys.argv[1], space)
uvicorn.run(space["app"], port=int(sys.argv[2]), log_level="critical", access_log=False)
"""
_REQUEST = b"GET /system/status/ HTTP/1.1\r\nHost: a\r\n\r\n"
_CONNECTIONS = 8


def rates(kind: str, seconds: float) -> tuple[float, float]:
    """Return the requests a second of the router, and of a bare endpoint (def or async def)."""
    port, other = _free_port(), _free_port()
    with _served(_ROUTER, port) as router:
        document = asyncio.run(_body(port))
        ours = asyncio.run(_rate(port, seconds))
        router.terminate()
    with _served(_APP.format(document=document, kind=kind), other) as bare:
        asyncio.run(_body(other))
        peer = asyncio.run(_rate(other, seconds))
        bare.terminate()
    return ours, peer


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


def _served(app: str, port: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", _SERVE, app, str(port)]
    return subprocess.Popen(command, cwd=ROOT, env=ENVIRONMENT)


async def _body(port: int) -> str:
    """Return what is answered first, once the server is there."""
    while True:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            break
        except ConnectionRefusedError:
            await asyncio.sleep(0.05)
    body = await _answer(reader, writer)
    writer.close()
    return body.decode()


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    writer.write(_REQUEST)
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = int(head.split(b"content-length: ")[1].split(b"\r\n")[0])
    return await reader.readexactly(length)


async def _rate(port: int, seconds: float) -> float:
    end = time.perf_counter() + seconds

    async def busy() -> int:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        answered = 0
        while time.perf_counter() < end:
            await _answer(reader, writer)
            answered += 1
        writer.close()
        return answered

    return sum(await asyncio.gather(*(busy() for _ in range(_CONNECTIONS)))) / seconds
