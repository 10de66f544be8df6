"""HTTP responses as a strategy: bodies encoded as crawlers meet them, and blocks that only look like HTTP."""

import gzip
import zlib
from collections.abc import Callable, Sequence

from hypothesis import strategies as st

from tests.fuzz.warc_of import Kept, zstd
from udfs.page.http_message import HttpMessage


def brotli(data: bytes) -> bytes:
    """Compress with brotli."""
    from fastwarc.stream_io import BrotliWriter

    out = Kept()
    writer = BrotliWriter(out)
    writer.write(data)
    writer.close()
    return out.getvalue()


def raw_deflate(data: bytes) -> bytes:
    """Compress as those servers do that leave out zlib's header."""
    deflater = zlib.compressobj(wbits=-15)
    return deflater.compress(data) + deflater.flush()


def two_members(data: bytes) -> bytes:
    """Compress into two gzip members, one behind the other."""
    return gzip.compress(data[: len(data) // 2], mtime=0) + gzip.compress(data[len(data) // 2 :], mtime=0)


ENCODERS: Sequence[tuple[str, Callable[[bytes], bytes]]] = (
    ("gzip", lambda data: gzip.compress(data, mtime=0)),
    ("x-gzip", two_members),
    ("deflate", zlib.compress),
    ("Deflate", raw_deflate),
    ("br", brotli),
    ("zstd", zstd),
    ("identity", bytes),
)


@st.composite
def encoded(draw: st.DrawFn, bodies: st.SearchStrategy[bytes]) -> tuple[bytes, HttpMessage]:
    """Make a body and the message that carries it under up to three encodings, chunked or not."""
    body = draw(bodies)
    stored, labels = body, []
    for label, encode in draw(st.lists(st.sampled_from(ENCODERS), max_size=3)):
        stored = encode(stored)
        labels.append(label)
    headers = [("content-encoding", draw(st.sampled_from([", ", ","])).join(labels))] if labels else []
    if draw(st.booleans()):
        stored = chunked(stored, sizes=draw(st.lists(st.integers(1, 50), min_size=1, max_size=5)))
        headers.append(("transfer-encoding", draw(st.sampled_from(["chunked", "Chunked", "gzip, chunked"]))))
    return body, HttpMessage(200, tuple(headers), stored)


def chunked(body: bytes, *, sizes: Sequence[int]) -> bytes:
    """Cut a body into chunks whose sizes go round."""
    out, position, turn = bytearray(), 0, 0
    while position < len(body):
        part = body[position : position + sizes[turn % len(sizes)]]
        out += b"%x%s\r\n%s\r\n" % (len(part), b" ; ext=1" if turn % 2 else b"", part)
        position, turn = position + len(part), turn + 1
    return bytes(out) + b"0\r\nTrailer: x\r\n\r\n"


INTERIM = (
    b"HTTP/1.1 100 Continue\r\n\r\n",
    b"HTTP/1.1 102\n\n",
    b"HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n",
    b"HTTP/1.0 200 Connection established\r\nVia: 1.1 x\r\n\r\n",
    b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 2\r\n\r\nno",
)
HTTP_WORDS = (
    *INTERIM,
    b"HTTP/1.1 200 OK\r\n",
    b"Content-Length: 9\r\n",
    b"Content-Type: text/html\n\n<p>",
    b"\r\n",
    b"\r\n\r\n",
    b"\n ",
    b"Content-Encoding: br\r\n",
    b"Content-Encoding: gzip, deflate\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"X-Robots-Tag: noai,, googlebot: none\r\n",
    b"X-Robots-Tag: max-image-preview: none, unavailable_after: 25 Jun 2010 15:00:00 PST\r\n",
    b"Content-Type: text/html; charset=\r\n",
    b"ffffffff\r\n",
    b"\x1f\x8b\x08",
    b"<!---->" * 40,
    b"charset=" + b" " * 40,
)


@st.composite
def blocks(draw: st.DrawFn) -> bytes:
    """Make the block of a response record; its labels often lie."""
    body, message = draw(encoded(st.binary(max_size=80) | st.sampled_from([b"<p>words", b"\0" * 5000, b"<!---->" * 40])))
    status = draw(
        st.sampled_from([b"HTTP/1.1 200 OK", b"HTTP/1.1 200 OK", b"HTTP/1.1 404", b"HTTP/9 x", b"GET / HTTP/1.1", b""])
    )
    lies = st.sampled_from(["gzip", "br", "zstd", "deflate", "gzip, gzip, br, br, zstd"])
    headers = [*message.headers, *draw(st.lists(st.tuples(st.sampled_from(["content-encoding", "x-y"]), lies), max_size=1))]
    kind = draw(
        st.sampled_from(["text/html", "text/html; charset=latin-1", "Text/Plain", "", "image/png", "text/html;;;", "\ud83d"])
    )
    lines = "".join(f"{name}: {value}\r\n" for name, value in [*headers, ("Content-Type", kind)]).encode(
        "utf-8", "surrogatepass"
    )
    return status + b"\r\n" + lines + b"\r\n" + (message.body if draw(st.booleans()) else body)
