"""Renders the explorer as one HTML page that fetches nothing, and whose own script is the only one that may run."""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from markupsafe import Markup

from jobs.engine.shell_words import argument
from jobs.explorer.data import LARGEST, REASONS, Area, Areas, Corpus
from jobs.explorer.map import Map
from jobs.explorer.pack import packed
from jobs.explorer.sample_size import TEXT_CHARACTERS
from jobs.explorer.strata import Stratum
from jobs.explorer.treemap import squarified
from jobs.report import figures
from jobs.report.templates import template, templates
from jobs.report.thresholds import words
from jobs.report.visible import cut, visible

PACKAGE = "jobs.explorer"
SCRIPTS = ("read.js", "draw.js", "tell.js", "steer.js")
WIDE, TALL = 2.4, 0.8  # sides of the treemap, width to height, on a desk and on a phone
TITLES = {"domain": "Domains", "language": "Languages", "cluster": "Clusters"}
COLOURS = 8


def render(corpus: Corpus, map: Map) -> str:
    """Return the whole page as HTML; same corpus and map, same page.

    Texts of pages lie in data that the script reads, and reach the page as text content alone. The policy names the hashes of the
    page's own script and style, so that no other can run, and allows no request.
    """
    points = packed(corpus.points, map, read=sorted({name for rule in corpus.rules.values() for name in words(rule)}))
    style, script = template(PACKAGE, "explorer.css"), "\n".join(template(PACKAGE, name) for name in SCRIPTS)
    areas = (*corpus.areas, _clusters(corpus, map))
    page = templates(PACKAGE).get_template("explorer.html")
    return page.render(
        corpus=corpus,
        map=map,
        areas=[one for one in areas if one.areas],
        titles=TITLES,
        share=figures.share,
        shown=len(corpus.points),
        whole=sum(one.count for one in corpus.strata),
        fewest=min((one.shown for one in corpus.strata if one.shown < one.count), default=0),
        characters=TEXT_CHARACTERS,
        detail=points.head["detail"],
        left_out=len(corpus.points.signals) - len(points.head["signals"]),
        policy=f"default-src 'none'; script-src 'sha256-{_sha256(script)}'; style-src 'sha256-{_sha256(style)}'; "
        "base-uri 'none'; form-action 'none'",
        style=Markup(style),
        script=Markup(script),
        head=Markup(_json(_head(corpus, map, points.head, areas))),
        places=Markup(points.places),
        fates=Markup(points.fates),
        more=Markup(points.more),
    )


def _head(corpus: Corpus, map: Map, head: Mapping[str, Any], areas: Sequence[Areas]) -> dict[str, Any]:
    reasons = {one.reason for one in corpus.strata}
    signals = [
        {**one, "unit": facts.unit, "definition": facts.definition} if (facts := corpus.signals.get(one["name"])) else one
        for one in head["signals"]
    ]
    return {
        **head,
        "signals": signals,
        "root": argument(corpus.root),  # for a command to paste
        "strata": _coloured(corpus.strata),
        "clusters": [cut(name, 120) for name in map.names],
        "stages": corpus.stages,
        "rules": {reason: rule for reason, rule in corpus.rules.items() if reason in reasons},
        "meanings": {reason: meaning for reason, meaning in corpus.meanings.items() if reason in reasons},
        "areas": [_placed(one) for one in areas if one.areas],
    }


def _coloured(strata: Sequence[Stratum]) -> list[dict[str, Any]]:
    """Give the largest strata that were not kept a colour each; the rest share one."""
    gone = [place for place, one in enumerate(strata) if one.stage != "kept"]
    return [
        {**asdict(one), "colour": gone.index(place) if place in gone[:COLOURS] else None} for place, one in enumerate(strata)
    ]


def _clusters(corpus: Corpus, map: Map) -> Areas:
    """Estimate the clusters of the whole corpus: each point stands for the documents of its stratum that are not shown."""
    weights = np.array([one.count / max(1, one.shown) for one in corpus.strata])
    stratum = corpus.points.stratum
    found = []
    for number, name in enumerate(map.names):
        mine = stratum[map.cluster == number]
        sums: dict[str, float] = {}
        for place, count in enumerate(np.bincount(mine, minlength=len(weights))):
            one = corpus.strata[place]
            key = "" if one.stage == "kept" else one.reason or "unnamed"
            sums[key] = sums.get(key, 0) + count * weights[place]
        reasons = sorted(
            ((name, round(value)) for name, value in sums.items() if name and value), key=lambda item: (-item[1], item[0])
        )
        found.append(Area(name, round(sum(sums.values())), round(sums.get("", 0)), tuple(reasons[:REASONS])))
    return Areas("cluster", tuple(found), estimated=any(one.shown < one.count for one in corpus.strata))


def _placed(areas: Areas) -> dict[str, Any]:
    """Give each area its rectangle, on a desk and on a phone, as parts of the whole's sides."""
    ranked = sorted(range(len(areas.areas)), key=lambda place: (-areas.areas[place].count, place))
    named, beyond = ranked[:LARGEST], ranked[LARGEST:]
    shown = [areas.areas[place] for place in named]
    others = areas.others + len(beyond)
    if others:
        rest = [areas.areas[place] for place in beyond] + ([areas.rest] if areas.rest is not None else [])
        shown.append(Area("", sum(one.count for one in rest), sum(one.kept for one in rest), ()))
    sizes = [one.count for one in shown]
    wide, tall = squarified(sizes, width=WIDE, height=1), squarified(sizes, width=TALL, height=1)
    rows = []
    for place, (one, broad, high) in enumerate(zip(shown, wide, tall, strict=True)):
        row = {**asdict(one), "name": cut(visible(one.name), 120), "wide": _parts(broad, WIDE), "tall": _parts(high, TALL)}
        rows.append(row | ({"code": named[place]} if place < len(named) else {"rest": others}))
    return {"property": areas.property, "estimated": areas.estimated, "areas": rows}


def _parts(rectangle: tuple[float, float, float, float], width: float) -> list[float]:
    left, top, across, down = rectangle
    return [round(left / width, 5), round(top, 5), round(across / width, 5), round(down, 5)]


def _json(value: Any) -> str:
    """Write JSON that cannot end the element it stands in."""
    return visible(json.dumps(value, ensure_ascii=False, separators=(",", ":"))).replace("<", "\\u003c").replace(">", "\\u003e")


def _sha256(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode()
