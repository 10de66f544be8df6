"""Packs the map's documents into few bytes: whole numbers in base64, and columns and texts deflated, cut to a size."""

import base64
import json
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from jobs.explorer.data import Points, Story
from jobs.explorer.map import Map
from jobs.report.visible import cut, visible

MOST_BYTES = 4_600_000  # of what is packed; the page around it has some 60 kB
SIGNAL_BYTES = 600_000  # of signals, before they are deflated: a byte a document and signal
FIRST_SIGNALS = ("quality_score", "token_count", "language_score", "word_count", "character_count")
LEVELS = 254  # of a signal; 255 is "not measured"
UNMEASURED = 255
MOST_NAMED = 65_535  # languages and domains that have a name of their own in the page
RUN = 500  # documents in a row, by which sizes are estimated


@dataclass(frozen=True)
class Detail:
    """How many characters of each text the page has."""

    title: int
    words: int
    url: int


# from much to little; the first with which the page is small enough is taken
DETAILS = (
    Detail(160, 300, 300),
    Detail(120, 160, 200),
    Detail(100, 90, 140),
    Detail(80, 50, 110),
    Detail(60, 40, 90),
    Detail(50, 20, 70),
    Detail(40, 0, 50),
    Detail(24, 0, 30),
)


@dataclass(frozen=True)
class Packed:
    """What the page holds of the documents: base64 of places and fates as they are, and of the rest deflated; and how to read it."""

    places: str
    fates: str
    more: str
    head: Mapping[str, Any]


def packed(points: Points, map: Map, *, read: Sequence[str] = (), most: int = MOST_BYTES) -> Packed:
    """Pack documents in order of domain and URL, since neighbours that are alike deflate well.

    `read` names signals that come first where not all have room. Of the texts as much is kept as fits into `most` bytes.
    """
    order = sorted(range(len(points)), key=lambda at: (points.domains[at], points.urls[at], at))
    columns, head = _columns(points, map, order, read)
    numbers = len(_deflated(b"".join(data for _, data in columns), level=1))
    estimates = (_in_base64(len(points), numbers + _estimated(points, order, detail)) for detail in DETAILS)
    first = next((place for place, estimate in enumerate(estimates) if estimate <= most), 0)
    for detail in DETAILS[max(0, first - 1) :]:
        lines = _texts(points, order, detail)
        deflated = _deflated(b"".join(data for _, data in (*columns, *lines)), level=9)
        if _in_base64(len(points), len(deflated)) <= most:
            break
    parts = [{"name": name, "bytes": len(data)} for name, data in (*columns, *lines)]
    return Packed(
        places=_base64(map.places[order].astype("<i2").tobytes()),
        fates=_base64(points.stratum[order].clip(0, 255).astype("<u1").tobytes()),
        more=_base64(deflated),
        head={**head, "parts": parts, "n": len(points), "detail": [detail.title, detail.words, detail.url]},
    )


def _estimated(points: Points, order: Sequence[int], detail: Detail) -> float:
    """Estimate the bytes of the deflated texts from runs of neighbours, evenly drawn; a twentieth of many documents."""
    runs = max(1, len(order) // (20 * RUN))
    some = [at for run in range(runs) for at in order[run * len(order) // runs :][:RUN]]
    texts = _deflated(b"".join(data for _, data in _texts(points, some, detail)), level=6)
    return len(texts) * len(order) / max(1, len(some))


def _in_base64(documents: int, deflated: float) -> float:
    return (5 * documents + deflated) * 4 / 3  # two coordinates of two bytes, and a fate, are not deflated


def _deflated(data: bytes, *, level: int) -> bytes:
    compressor = zlib.compressobj(level, zlib.DEFLATED, -15)
    return compressor.compress(data) + compressor.flush()


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _columns(
    points: Points, map: Map, order: Sequence[int], read: Sequence[str]
) -> tuple[list[tuple[str, bytes]], dict[str, Any]]:
    columns: list[tuple[str, bytes]] = []
    head: dict[str, Any] = {}
    for name, values in (("domain", points.domains), ("language", points.languages)):
        names, codes = _coded(values)
        head[f"{name}s"] = names
        columns.append((name, codes[order].astype("<u2").tobytes()))
    columns.append(("cluster", map.cluster[order].astype("<u2").tobytes()))
    head["signals"] = []
    for name in _chosen(points, read):
        ranks, levels = quantised(points.signals[name])
        columns.append((f"signal {name}", ranks[order].tobytes()))
        head["signals"].append({"name": name, "levels": levels})
    return columns, head


def _coded(values: Sequence[str]) -> tuple[list[str], npt.NDArray[np.int64]]:
    """Return the names, the most frequent first, and the place of each value among them; those beyond MOST_NAMED share the last."""
    counts = Counter(values)
    names = sorted(counts, key=lambda name: (-counts[name], name))
    places = {name: min(place, MOST_NAMED) for place, name in enumerate(names)}
    if len(names) > MOST_NAMED:
        names = [*names[:MOST_NAMED], "(others)"]
    return [cut(name, 80) for name in names], np.array([places[value] for value in values], dtype=np.int64)


def _chosen(points: Points, read: Sequence[str]) -> list[str]:
    """Return the signals that are packed: those that differ among documents, the telling ones first."""
    telling = {name: place for place, name in enumerate(dict.fromkeys((*FIRST_SIGNALS, *read)))}
    some = [name for name, values in points.signals.items() if len(np.unique(values[~np.isnan(values)])) > 1]
    ranked = sorted(some, key=lambda name: (telling.get(name, len(telling)), name))
    return ranked[: max(1, SIGNAL_BYTES // max(1, len(points)))]


def quantised(values: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.uint8], list[float]]:
    """Return the level of each value, and what each level stands for: at most LEVELS of them, with about as many documents each."""
    known = values[np.isfinite(values)]
    levels = np.unique(known)
    if len(levels) > LEVELS:
        levels = np.unique(np.quantile(known, np.linspace(0, 1, LEVELS), method="nearest"))
    codes = np.full(len(values), UNMEASURED, dtype=np.uint8)
    finite = np.isfinite(values)
    if len(levels):
        middle = (levels[1:] + levels[:-1]) / 2
        codes[finite] = np.searchsorted(middle, values[finite], side="left")
    return codes, [float(f"{level:.4g}") for level in levels]


def _texts(points: Points, order: Sequence[int], detail: Detail) -> list[tuple[str, bytes]]:
    return [
        ("urls", _lines(_address(points.urls[at], detail.url) for at in order)),
        ("titles", _lines(cut(_line(points.titles[at]), detail.title) if points.titles[at] else "" for at in order)),
        ("words", _lines(_opening(points.texts[at], detail.words) for at in order)),
        ("stories", _lines(_story(points.stories[at], detail.url) for at in order)),
    ]


def _address(url: str, length: int) -> str:
    """Write an address without https://, and any other, or an id, behind a space: the page puts back what is missing."""
    line = _line(url)
    short = line.removeprefix("https://")
    return cut(short, length) if short != line else f" {cut(line, length)}"


def _opening(text: str, length: int) -> str:
    return cut(_line(text[: 2 * length + 100]), length) if length else ""


def _line(text: str) -> str:
    return " ".join(text.split())


def _lines(texts: Any) -> bytes:
    return visible("\n".join(texts)).encode("utf-8")


def _story(story: Story, url: int) -> str:
    """Write a story as JSON, one that has nothing to tell as nothing."""
    if not (story.broken or story.witness or story.values):
        return ""
    values = [[name, float(f"{value:.4g}")] for name, value in story.values]
    return json.dumps([list(story.broken), cut(story.witness, url), values], ensure_ascii=False, separators=(",", ":"))
