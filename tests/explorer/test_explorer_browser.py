"""The explorer in a real browser: it fits a desk and a phone, tells stories, sifts, and no script or request of a page is alive."""

import html
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bench.explorer.synthetic import made_up
from jobs.explorer.data import Corpus
from jobs.explorer.map import made
from jobs.explorer.page import render
from tests.browser import opened
from tests.report.page_data import HOSTILE

SIZES = {"desk": (1280, 900), "phone": (360, 740)}
# The frame steers the page as people do, and looks at what it shows. Nothing is compared with a picture.
FRAME = """
<body style="margin:0"><pre id="answer"></pre>
<iframe id="page" width="{width}" height="{height}" style="border:0" srcdoc="{page}"></iframe>
<script>
const settled = () => new Promise(done => setTimeout(done, 400))
const until = (seen, looks = 10000) => new Promise(done => {{
  const look = () => seen() || --looks < 0 ? done() : setTimeout(look, 20)
  look()
}})
page.onload = async () => {{
  const inside = page.contentDocument, width = inside.documentElement.clientWidth, told = {{}}
  const by = id => inside.getElementById(id), scrolls = e => e && (["auto", "hidden", "scroll"].includes(page.contentWindow.getComputedStyle(e).overflowX) || scrolls(e.parentElement))
  const send = (id, name, value) => {{ by(id).value = value; by(id).dispatchEvent(new page.contentWindow.Event(name)) }}
  await until(() => inside.body.dataset.ready !== undefined || !by("old").hidden)  // the browser unpacks beside the page's clock
  await settled()
  told.ready = inside.body.dataset.ready !== undefined
  told.old = !by("old").hidden
  told.count = by("count").textContent
  told.legend = [...by("legend").querySelectorAll("button")].map(e => e.textContent)
  const map = by("map"), pen = map.getContext("2d"), write = pen.fillText
  told.names = []
  pen.fillText = (text, x, y) => told.names.push([x, y])
  page.contentWindow.draw()
  pen.fillText = write
  by("names").checked = false
  page.contentWindow.draw()
  const coloured = ([r, g, b]) => Math.max(r, g, b) - Math.min(r, g, b) > 40
  const dots = map.width / map.getBoundingClientRect().width
  told.upon = told.names.filter(([x, y]) => {{
    const bytes = pen.getImageData(x * dots - 5, y * dots - 5, 10, 10).data
    return Array.from({{length: 100}}, (_, at) => bytes.slice(4 * at, 4 * at + 3)).some(coloured)
  }}).length
  by("names").checked = true
  told.colours = [...by("colour").options].map(e => e.value).slice(0, 4)
  if (told.ready) {{
    send("search", "input", {search})
    await settled()
    told.found = by("matches").childElementCount
    told.sifted = by("count").textContent
    if (told.found) by("matches").querySelector("button").click()
    await settled()
    told.story = by("story").textContent
    by("clear").click()
    send("colour", "change", "cluster")
    by("map").dispatchEvent(new page.contentWindow.KeyboardEvent("keydown", {{key: "+"}}))
    by("map").dispatchEvent(new page.contentWindow.KeyboardEvent("keydown", {{key: "Enter"}}))
    await settled()
    told.tiles = by("treemap").childElementCount
    by("treemap").firstChild.click()
    told.area = by("area").textContent
  }}
  const wide = [...inside.body.querySelectorAll("*")].filter(e => e.getBoundingClientRect().right > width + 1 && !scrolls(e.parentElement))
  answer.textContent = JSON.stringify({{...told,
    width: inside.documentElement.scrollWidth, shown: width, wide: wide.slice(0, 5).map(e => e.outerHTML.slice(0, 120)),
    drawn: by("map").dataset.drawn !== undefined,
    fetched: page.contentWindow.performance.getEntriesByType("resource").map(e => e.name),
    scripts: [...inside.scripts].filter(e => !e.type).length, elements: inside.querySelectorAll("img, link, iframe, style").length,
    title: inside.title, pwned: String(window.pwned), nameless: [...inside.querySelectorAll("button, select, input, canvas")].filter(
      e => !(e.textContent.trim() || e.getAttribute("aria-label") || (e.labels && e.labels.length))).length,
  }})
}}
</script>
"""


def shown(corpus: Corpus) -> str:
    return render(corpus, made(corpus.points, seed=1))


def look(
    chromium: str, page: str, folder: Path, *, size: tuple[int, int] = SIZES["desk"], search: str = "example"
) -> dict[str, Any]:
    frame = FRAME.format(width=size[0], height=size[1], page=html.escape(page, quote=True), search=repr(search))
    return opened(chromium, frame, folder)


@pytest.mark.parametrize(
    ("size", "words"),
    [(SIZES["desk"], ""), (SIZES["phone"], "x" * 20_000), (SIZES["phone"], HOSTILE)],
    ids=["plain on a desk", "long on a phone", "hostile on a phone"],
)
def test_the_page_draws_sifts_and_tells_without_overflowing(
    chromium: str, tmp_path: Path, size: tuple[int, int], words: str
) -> None:
    seen = look(chromium, shown(made_up(300, words=words, whole=3)), tmp_path, size=size)
    assert (seen["width"], seen["wide"], seen["nameless"]) == (seen["shown"], [], 0)
    assert (seen["ready"], seen["old"], seen["drawn"]) == (True, False, True)
    assert seen["count"] == "300 points"
    assert seen["colours"] == ["fate", "language", "domain", "cluster"]
    assert seen["legend"][0].startswith("kept") and " of " in seen["legend"][0]
    assert 0 < seen["found"] <= 25
    assert "Extract: " in seen["story"]
    assert 1 < seen["tiles"] <= 61
    assert " kept of " in seen["area"]


def test_names_of_small_clusters_stand_beside_them(chromium: str, tmp_path: Path) -> None:
    seen = look(chromium, shown(made_up(2000)), tmp_path)
    assert seen["upon"] < 2 / 3 * len(seen["names"])  # where names stand upon their clusters, all but one do


def test_search_finds_one_document_and_its_story_names_the_witness(chromium: str, tmp_path: Path) -> None:
    corpus = made_up(300)
    at = next(place for place, story in enumerate(corpus.points.stories) if story.witness)
    titles = tuple("A needle" if place == at else title for place, title in enumerate(corpus.points.titles))
    seen = look(chromium, shown(replace(corpus, points=replace(corpus.points, titles=titles))), tmp_path, search="NEEDLE")
    assert (seen["found"], seen["sifted"]) == (1, "1 of 300 points")
    for told in (
        "A needle",
        corpus.points.stories[at].witness,
        "0.875",
        "Dedup: dropped, near_duplicate",
        "nearly the same text",
    ):
        assert told in seen["story"]


@pytest.mark.parametrize("address", ["https://shop.example:8443/a", "http://a.example/b", "doc.1"])
def test_an_address_is_told_as_it_is_and_so_is_a_command_to_paste(chromium: str, tmp_path: Path, address: str) -> None:
    corpus = replace(made_up(60), root="out/my run")
    urls = (address, *corpus.points.urls[1:])
    titles = ("A needle", *corpus.points.titles[1:])
    corpus = replace(corpus, points=replace(corpus.points, urls=urls, titles=titles))
    seen = look(chromium, shown(corpus), tmp_path, search="needle")
    assert f"A needle{address}Extract: " in seen["story"]
    assert f"gristmill explain 'out/my run' '{address}'" in seen["story"]


def test_no_script_runs_and_no_request_leaves_the_page(chromium: str, tmp_path: Path, listener: tuple[str, list[str]]) -> None:
    address, asked = listener
    words = HOSTILE.replace("http://127.0.0.1:9", address)
    words += f"</script><script>parent.pwned = 1</script><link rel=stylesheet href={address}/css><iframe src={address}/frame></iframe>"
    seen = look(chromium, shown(made_up(60, words=words)), tmp_path)
    assert (seen["scripts"], seen["elements"], seen["pwned"], seen["fetched"], asked) == (1, 1, "undefined", [], [])
    assert seen["title"].endswith("on TEST-2026-01: gristmill explorer")


def test_the_policy_alone_stops_scripts_and_requests(chromium: str, tmp_path: Path, listener: tuple[str, list[str]]) -> None:
    address, asked = listener
    forgot_to_escape = f"<script>parent.pwned = 1</script><img src={address}/x><link rel=stylesheet href={address}/y>"
    page = shown(made_up(60)).replace("<main>", f"<main>{forgot_to_escape}")
    seen = look(chromium, page, tmp_path)
    assert (seen["scripts"], seen["pwned"], asked) == (2, "undefined", [])


def test_a_browser_that_cannot_unpack_says_so_and_draws_the_map(chromium: str, tmp_path: Path) -> None:
    page = shown(made_up(60)).replace('more">', 'more">!', 1)
    seen = look(chromium, page, tmp_path)
    assert (seen["ready"], seen["old"], seen["drawn"], seen["count"]) == (False, True, True, "60 points")
