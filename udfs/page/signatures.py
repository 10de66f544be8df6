"""Tell binary files from text by their first bytes: the marks of WHATWG's MIME Sniffing and of other formats, and control bytes."""

import re

SNIFFED_BYTES = 1445  # as many as a browser looks at
MARK_WITHIN = 1024  # bytes that readers of PDF allow before its mark
MAX_CONTROL_SHARE = 0.05  # of random bytes it is 0.10, of text next to nothing
MIN_CONTROLS = 4
READABLE_BYTES = 8192

_BOM = b"\xef\xbb\xbf"
_UTF16 = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
# WHATWG's binary data bytes without NUL, which stands in UTF-16 and in sloppy pages too.
_CONTROLS = bytes((*range(1, 9), 11, *range(14, 27), *range(28, 32)))
# Marks that are short and could begin a text count with the bytes that follow them in such a file.
_MARKS = re.compile(
    rb"""\x00\x00[\x01\x02]\x00 | BM.{4}\x00{4} | GIF8[79]a | \x89PNG | \xff\xd8\xff | RIFF.{4}(?:WEBP|WAVE|AVI\x20) | II\*\x00
    | MM\x00[*+] | 8BPS\x00 | \x00\x00\x00\x0c(?:jP\x20\x20|JXL\x20) | \xff\x0a.{0,8}[\x00-\x08] | \x00\x00\x00.ftyp | FORM.{4}AIF[FC]
    | ID3[\x02-\x04] | OggS\x00 | MThd\x00\x00\x00\x06 | fLaC\x00 | \.snd\x00 | \.RMF\x00 | \xff\xfb[\x10-\xef] | FLV\x01 | [FCZ]WS[\x01-\x40]
    | \x1a\x45\xdf\xa3 | \x30\x26\xb2\x75\x8e\x66\xcf\x11 | \x00\x00\x01[\xb3\xba] | \x00\x01\x00\x00\x00 | OTTO\x00 | ttcf\x00 | true\x00
    | wOF[F2][\x00Ot] | .{34}LP\x00 | \x1f\x8b\x08 | \x1f\x9d | PK[\x03\x05\x07][\x04\x06\x08] | Rar!\x1a\x07 | 7z\xbc\xaf\x27\x1c
    | \xfd7zXZ\x00 | BZh[1-9]1AY&SY | \x28\xb5\x2f\xfd | MSCF\x00 | .{257}ustar | \x7fELF | \x00asm | MZ.{1,60}\x00 | \xca\xfe\xba\xbe
    | \xfe\xed\xfa[\xce\xcf] | \xcf\xfa\xed\xfe | \xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 | SQLite\x20format\x203\x00 | AT&TFORM | %!PS-Adobe-
    | \{\\rtf[1\\] | d8:announce | !<arch>\n""",
    re.DOTALL | re.VERBOSE,
)
_PDF = re.compile(rb"%PDF-\d\.\d")
_PDF_OBJECT = re.compile(rb"\d \d{1,5} obj\b|%[\x80-\xff]{4}")


def is_binary(body: bytes) -> bool:
    """Say whether a body is a binary file: by a mark, after a byte order mark or white space too, or by its control bytes.

    >>> is_binary(b"\\r\\n%PDF-1.4"), is_binary(b"<p>A file begins with %PDF-1.4")
    (True, False)
    """
    start = body[:SNIFFED_BYTES]
    if start[:2] in _UTF16 and not start.startswith(b"\xff\xfe\0\0"):
        return False
    stripped = start.removeprefix(_BOM).lstrip(b"\t\n\f\r ")
    if stripped[:1] != b"<" and (_MARKS.match(start) or _MARKS.match(stripped)):
        return True
    if _is_pdf(body, stripped):
        return True
    if _is_utf16(start):
        return False
    controls = len(start) - len(start.translate(None, _CONTROLS))
    return controls >= MIN_CONTROLS and controls > MAX_CONTROL_SHARE * len(start)


def _is_utf16(start: bytes) -> bool:
    """Say whether the zeros of a body stand on one side of its pairs of bytes, as in markup in UTF-16."""
    even, odd = sorted((start[0::2].count(0), start[1::2].count(0)))
    return odd >= max(3, 0.05 * len(start)) and 10 * even <= odd


def _is_pdf(body: bytes, stripped: bytes) -> bool:
    """Say whether a body is a PDF; where text stands before its mark, an object must follow, or what marks it as binary."""
    if stripped.startswith(b"%PDF-"):
        return True
    found = _PDF.search(body, 0, MARK_WITHIN)
    return found is not None and _PDF_OBJECT.search(body, found.end(), found.end() + 256) is not None


def is_text(start: bytes) -> bool:
    """Say whether a body, at least one byte long, begins without any of WHATWG's binary data bytes."""
    return bool(start) and len(start[:SNIFFED_BYTES].translate(None, _CONTROLS + b"\0")) == len(start[:SNIFFED_BYTES])


def readable(body: bytes) -> bytes:
    """Return the first READABLE_BYTES without a byte order mark and white space, those of UTF-16 as UTF-8."""
    codec = _UTF16.get(body[:2])
    if codec is not None:
        return body[2:READABLE_BYTES].decode(codec, "ignore").encode("utf-8", "ignore").lstrip()
    return body[:READABLE_BYTES].removeprefix(_BOM).lstrip(b"\t\n\f\r ")
