"""Captures that hold no page: refusals, redirects, other media types, emptiness."""

import json
from dataclasses import replace

from sample.capture import Capture
from sample.draw import draw
from sample.sites import Page, site
from sample.templates import render

_ERRORS = (
    (404, "Not Found"),
    (403, "Forbidden"),
    (500, "Internal Server Error"),
    (503, "Service Unavailable"),
    (410, "Gone"),
    (429, "Too Many Requests"),
)
_EMPTY = (
    b"",
    b"<html><head><title>Untitled</title></head><body></body></html>",
    b"<!DOCTYPE html><html><body><div id='app'></div><script src='/a.js'></script><script>go();</script></body></html>",
    b"<html><frameset cols='20%,80%'><frame src='menu.html'><frame src='start.html'></frameset></html>",
    b"   \n\n\t  \n",
    b"<html><body><img src='logo.gif'><br><br></body></html>",
)
_PDF = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"
_PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000a49444154789c63000100000500010d0a2db40000000049454e44ae426082"
)
_CSS = b"body { margin: 0; font: 16px/1.5 serif }\nnav li { display: inline }\n"
_JSON = json.dumps({"station": "upper brook", "levels": [41, 43, 40, 38], "unit": "cm"}).encode()


def failure_captures() -> list[Capture]:
    """Return all of them."""
    found = [_refusal(number) for number in range(24)]
    found += [_redirect(number) for number in range(20)]
    found += [_medium(number) for number in range(16)]
    return found + [_nothing(number) for number in range(len(_EMPTY))]


def _base(kind: str, number: int, suffix: str, *, reason: str) -> Capture:
    home = site("en", draw(72, "failure", kind, number))
    return Capture(
        name=f"{kind}/{number}",
        url=f"https://{home.host}/{kind}/{number}{suffix}",
        kind=kind,
        body=b"",
        expected="dropped",
        reason=reason,
        charset=None,
    )


def _refusal(number: int) -> Capture:
    status, words = _ERRORS[number % len(_ERRORS)]
    page = Page(f"error/{number}", site("en", draw(72, "error", number)), words, (f"<p>Error {status}: {words}.</p>",))
    return replace(_base("http_error", number, "", reason="http_status"), body=render(page).encode(), status=status)


def _redirect(number: int) -> Capture:
    base = _base("redirect", number, "", reason="http_status")
    target = f"{base.url}/"
    body = f'<html><head><title>Moved</title></head><body><a href="{target}">here</a></body></html>'.encode()
    return replace(base, body=body, status=301 if number % 3 else 302, headers=(("Location", target),))


def _medium(number: int) -> Capture:
    kinds = (
        ("application/pdf", ".pdf", _PDF),
        ("image/png", ".png", _PNG),
        ("application/json", ".json", _JSON),
        ("text/css", ".css", _CSS),
    )
    mime, suffix, body = kinds[number % len(kinds)]
    return replace(_base("not_html", number, suffix, reason="not_html"), body=body, content_type=mime, payload_type=mime)


def _nothing(number: int) -> Capture:
    return replace(_base("empty", number, "", reason="empty_text"), body=_EMPTY[number], charset=None)
