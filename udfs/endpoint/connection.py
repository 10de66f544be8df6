"""HTTP/1.1 connections to one server: one POST after another over each, within a time that holds for the whole answer.

Written on asyncio's streams: an answer of a model takes seconds, so a worker waits for hundreds of them at once, and a deadline must
hold for an answer that trickles in as well as for one that never comes.
"""

import asyncio
import ssl
from collections import deque
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from time import time

from udfs.endpoint.address import Address

CONNECT_S = 10.0
IDLE_S = 4.0  # uvicorn closes a connection that idles for 5 s: an older one may break under the next request
MAX_HEAD_BYTES = 64 << 10
MAX_BODY_BYTES = 64 << 20


class Unreachable(Exception):
    """No connection came about, so nothing was asked."""


class Broken(Exception):
    """The connection broke, or what came is no HTTP: the server may or may not have done the work."""


class Late(Exception):
    """The whole answer did not come in time."""


@dataclass(frozen=True)
class Reply:
    """One response: its status, its body, and how many seconds the server asks to wait."""

    status: int
    body: bytes
    retry_after_s: float | None = None


class Connections:
    """Keep the connections to one server; those that are idle are used again, the newest first."""

    def __init__(self, address: Address, *, headers: dict[str, str], timeout_s: float) -> None:
        host = f"[{address.host}]" if ":" in address.host else address.host
        lines = [f"POST {address.path} HTTP/1.1", f"Host: {host}:{address.port}", "Content-Type: application/json"]
        lines += ["Accept: application/json", *(f"{name}: {value}" for name, value in headers.items()), "Content-Length: "]
        self._head = "\r\n".join(lines).encode("latin-1")
        self._address = address
        self._timeout_s = timeout_s
        self._tls = ssl.create_default_context() if address.tls else None
        self._idle: deque[tuple[float, asyncio.StreamReader, asyncio.StreamWriter]] = deque()

    async def post(self, body: bytes) -> Reply:
        """Send a body and return the response; raises Unreachable, Broken or Late."""
        reader, writer = await self._open()
        kept = False
        try:
            async with asyncio.timeout(self._timeout_s):
                writer.write(b"%b%d\r\n\r\n%b" % (self._head, len(body), body))
                reply, kept = await _read(reader)
        except TimeoutError:
            raise Late(f"no whole answer within {self._timeout_s:g} s") from None
        except (OSError, EOFError, asyncio.LimitOverrunError, ValueError) as error:
            raise Broken(f"the answer broke off ({type(error).__name__})") from None
        finally:
            if kept:
                self._idle.append((asyncio.get_running_loop().time(), reader, writer))
            else:
                writer.close()
        return reply

    def close(self) -> None:
        """Close the idle connections."""
        while self._idle:
            self._idle.pop()[2].close()

    async def _open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        now = asyncio.get_running_loop().time()
        while self._idle:
            since, reader, writer = self._idle.pop()
            if now - since < IDLE_S and not reader.at_eof():
                return reader, writer
            writer.close()
        try:
            async with asyncio.timeout(CONNECT_S):
                return await asyncio.open_connection(
                    self._address.host, self._address.port, ssl=self._tls, limit=MAX_HEAD_BYTES
                )
        except TimeoutError:
            raise Unreachable(f"no connection within {CONNECT_S:g} s") from None
        except OSError as error:
            raise Unreachable(f"no connection ({error.strerror or type(error).__name__})") from None


async def _read(reader: asyncio.StreamReader) -> tuple[Reply, bool]:
    """Read one response; the flag says whether the connection can be used again."""
    first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    version, _, rest = first.partition(" ")
    if not version.startswith("HTTP/1."):
        raise ValueError("the answer is no HTTP/1")
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if colon:
            headers[name.strip().lower()] = value.strip()
    kept = headers.get("connection", "").lower() != "close" and version != "HTTP/1.0"
    if headers.get("transfer-encoding", "").lower() == "chunked":
        body = await _chunks(reader)
    elif "content-length" in headers:
        body = await reader.readexactly(_bounded(int(headers["content-length"])))
    else:
        body, kept = await _to_the_end(reader), False
    return Reply(int(rest[:3]), body, _seconds(headers.get("retry-after"))), kept


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    parts: list[bytes] = []
    total = 0
    while size := int((await reader.readuntil(b"\r\n")).partition(b";")[0], 16):
        total = _bounded(total + size)
        parts.append(await reader.readexactly(size))
        await reader.readexactly(2)
    while await reader.readuntil(b"\r\n") != b"\r\n":
        pass  # trailers
    return b"".join(parts)


async def _to_the_end(reader: asyncio.StreamReader) -> bytes:
    body = bytearray()
    while part := await reader.read(1 << 16):
        body += part
        _bounded(len(body))
    return bytes(body)


def _bounded(size: int) -> int:
    if not 0 <= size <= MAX_BODY_BYTES:
        raise ValueError(f"the answer has {size} bytes")
    return size


def _seconds(value: str | None) -> float | None:
    """Read a Retry-After: seconds, or a date."""
    if value is None:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time())
    except ValueError:
        return None
