"""The report in a real browser: it fits a desk and a phone, runs nothing, asks nobody for anything, and holds every section."""

import html
from pathlib import Path
from typing import Any

import pytest

from jobs.report.page import render
from tests.browser import opened
from tests.report.page_data import HOSTILE, report_data
from tests.report.test_report_page import SECTIONS

SIZES = {"desk": (1280, 900), "phone": (390, 844)}
# The frame around the page measures it: the page itself must not run a script, and Chromium's own window is never as narrow
# as a phone. All that is folded is opened first, since what overflows may hide there.
MEASURE = """
<body style="margin:0"><pre id="answer"></pre>
<iframe id="page" width="{width}" height="{height}" style="border:0" srcdoc="{page}"></iframe>
<script>
page.onload = () => {{
  const inside = page.contentDocument, width = inside.documentElement.clientWidth
  const folded = [...inside.querySelectorAll("details")]
  folded.forEach(one => one.open = true)
  const scrolls = e => e && (["auto", "hidden", "scroll"].includes(page.contentWindow.getComputedStyle(e).overflowX) || scrolls(e.parentElement))
  const wide = [...inside.body.querySelectorAll("*")].filter(e => e.getBoundingClientRect().right > width + 1 && !scrolls(e.parentElement))
  answer.textContent = JSON.stringify({{
    width: inside.documentElement.scrollWidth, shown: width, folded: folded.length,
    wide: wide.slice(0, 5).map(e => e.outerHTML.slice(0, 120)),
    ids: [...inside.querySelectorAll("[id]")].map(e => e.id).filter(id => inside.getElementById(id).offsetHeight > 0),
    fetched: page.contentWindow.performance.getEntriesByType("resource").map(e => e.name),
    title: inside.title, scripts: inside.scripts.length, pwned: String(window.pwned),
  }})
}}
</script>
"""


def look(chromium: str, page: str, folder: Path, *, size: tuple[int, int]) -> dict[str, Any]:
    """Open a page in a frame of this size, and return what the frame measured."""
    return opened(chromium, MEASURE.format(width=size[0], height=size[1], page=html.escape(page, quote=True)), folder)


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
@pytest.mark.parametrize("words", ["plain", "x" * 100_000, HOSTILE], ids=["plain", "long", "hostile"])
def test_nothing_overflows_and_every_section_is_there(chromium: str, tmp_path: Path, size: tuple[int, int], words: str) -> None:
    seen = look(chromium, render(report_data(words=words)), tmp_path, size=size)
    assert (seen["width"], seen["wide"]) == (seen["shown"], [])
    assert [name for name in seen["ids"] if name in SECTIONS] == list(SECTIONS)
    assert seen["folded"] > 0


def test_no_script_runs_and_no_request_leaves_the_page(chromium: str, tmp_path: Path, listener: tuple[str, list[str]]) -> None:
    address, asked = listener
    words = HOSTILE.replace("http://127.0.0.1:9", address)
    words += f"<script>parent.pwned = 1</script><link rel=stylesheet href={address}/css><iframe src={address}/frame></iframe>"
    seen = look(chromium, render(report_data(words=words)), tmp_path, size=SIZES["desk"])
    assert (seen["scripts"], seen["pwned"], seen["fetched"], asked) == (0, "undefined", [], [])
    assert seen["title"] == "tiny on TEST-2026-01: gristmill report"


def test_the_policy_alone_stops_scripts_and_requests(chromium: str, tmp_path: Path, listener: tuple[str, list[str]]) -> None:
    address, asked = listener
    forgot_to_escape = f"<script>parent.pwned = 1</script><img src={address}/x><link rel=stylesheet href={address}/y>"
    page = render(report_data()).replace("<main>", f"<main>{forgot_to_escape}")
    seen = look(chromium, page, tmp_path, size=SIZES["desk"])
    assert (seen["scripts"], seen["pwned"], asked) == (1, "undefined", [])


def test_the_frame_does_notice_what_these_tests_look_for(
    chromium: str, tmp_path: Path, listener: tuple[str, list[str]]
) -> None:
    address, asked = listener
    page = f"<div style='width:2000px'>wide</div><script>parent.pwned = 1</script><img src={address}/x>"
    seen = look(chromium, page, tmp_path, size=SIZES["phone"])
    assert (seen["width"], seen["pwned"], asked) == (2008, "1", ["/x"])
