"""The microphone's WebSocket: a greeting with the true rate, then Int16 samples in; decisions out."""

import asyncio
import json
import logging
import time
from typing import Any

import numpy as np
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.websockets import WebSocket, WebSocketDisconnect

from earshot.listening.loaded_models_and_stream_limit import Streams
from earshot.listening.rendering import page
from earshot.listening.samples_to_events import Heard, Microphone
from earshot.listening.services import Services

log = logging.getLogger("earshot.listening")

RATES_HZ = range(8000, 192_001)
MOST_BYTES = 1 << 16  # of one message
MOST_MS = 24 * 3600 * 1000
GREETING_S = 10.0
AGAIN, TOO_MANY, WRONG = 4000, 1013, 1007  # close codes: connect again, later, and never so


class LiveSocket:
    """Handlers of the page and its socket."""

    def __init__(self, services: Services, streams: Streams) -> None:
        self._settings, self._streams = services.settings, streams

    def show(self, request: Request) -> Response:
        """The page."""
        return page(request, "live.html")

    async def hear(self, socket: WebSocket) -> None:
        """Hear until the person stops, or the socket has been open for as long as it may."""
        await socket.accept()
        if not self._streams.take():
            await socket.close(TOO_MANY, "as many streams are heard as this instance can; try again in a minute")
            return
        try:
            await self._hear(socket)
        except (WebSocketDisconnect, TimeoutError):
            return
        finally:
            self._streams.give()

    async def _hear(self, socket: WebSocket) -> None:
        async with asyncio.timeout(GREETING_S):
            greeting = read_greeting(await socket.receive_text())
        if greeting is None:
            await socket.close(WRONG, "the greeting is {rate, start_ms}, within their limits")
            return
        rate, start_ms = greeting
        models = await run_in_threadpool(self._streams.models)
        heard = await run_in_threadpool(Heard, models, rate, start_ms)
        loop = asyncio.get_running_loop()
        events: asyncio.Queue[dict[str, Any]] = asyncio.Queue(256)

        def emit(event: dict[str, Any]) -> None:
            loop.call_soon_threadsafe(_put, events, event)

        microphone = Microphone(heard, emit)
        sending = asyncio.create_task(_send(socket, events))
        end = time.monotonic() + self._settings.socket_s
        await socket.send_json({"kind": "ready", "closes_in_s": self._settings.socket_s})
        try:
            while time.monotonic() < end:
                try:
                    async with asyncio.timeout(max(end - time.monotonic(), 0.01)):
                        message = await socket.receive()
                except TimeoutError:
                    break
                if message["type"] == "websocket.disconnect":
                    return
                data = message.get("bytes")
                if not data:
                    return  # a text after the greeting ends the stream
                if len(data) > MOST_BYTES or len(data) % 2:
                    await socket.close(WRONG, "a message holds whole samples, at most 32,768")
                    return
                microphone.put(np.frombuffer(data, "<i2").astype(np.float32) / np.float32(32768))
            await socket.close(AGAIN, "open for as long as a socket may be: connect again")
        finally:
            microphone.end(discard=True)
            sending.cancel()


def read_greeting(text: str) -> tuple[int, int] | None:
    """Rate in Hz, and where in its stream the first sample lies; None for anything else."""
    try:
        given = json.loads(text)
        rate, start_ms = given["rate"], given.get("start_ms", 0)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    if not isinstance(rate, int) or not isinstance(start_ms, int) or isinstance(rate, bool):
        return None
    return (rate, start_ms) if rate in RATES_HZ and 0 <= start_ms <= MOST_MS else None


def _put(events: "asyncio.Queue[dict[str, Any]]", event: dict[str, Any]) -> None:
    if events.full():  # the person's side is too slow: it gets the latest
        events.get_nowait()
    events.put_nowait(event)


async def _send(socket: WebSocket, events: "asyncio.Queue[dict[str, Any]]") -> None:
    while True:
        await socket.send_json(await events.get())
