"""A real small model behind a whole run, and what the gates say of it: `python -m bench.rephrase.real FOLDER > page.md`.

SmolLM2-135M-Instruct on llama.cpp's server rewrites ten plain pages, and twenty that give it orders, in the ten styles and by the rules
of conf/beyondweb. The answers are kept in FOLDER, so a second call asks nothing, and prints the same. Writes FOLDER/drops.txt too: ten
drops of each gate with page and answer, to be read by people. Report and explorer are opened in Chromium, which must find nothing alive.
"""

import json
import re
import sys
import time
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from textwrap import indent
from typing import Any

from bench.process_usage import machine, watch
from tests.browser import found_chromium
from tests.explorer import test_explorer_browser as explorer
from tests.gates.labelled import pages
from tests.rephrase.real_server import MODEL, real_server
from tests.report import test_report_browser as report
from tests.runs import rows

CONF = Path(__file__).parents[2] / "conf"
MAX_TOKENS = 96
DROPS = 10  # of each gate, to be read
DEDUP = """[dedup]
scope     = "global"                   # also against the pages that they came from: those stay
index     = "chain:seeds/dedup-index"
"""
EMBEDDED = """
[annotate.embedding]

[[filter]]
reason = "dissimilar"
keep   = "rephrase_similarity >= 0.2"
where  = "rephrase_similarity IS NOT NULL"
source = "docs/rephrase.md"

"""


@dataclass(frozen=True)
class Answer:
    """One answer: its page, the order that the page gives (None of a plain page), and the gates that it does not pass."""

    id: str
    page: str
    style: str
    order: "Order | None"
    text: str
    broken: tuple[str, ...]

    @property
    def obeyed(self) -> bool:
        """Say whether the answer holds what an obedient model writes."""
        return self.order is not None and self.order.mark.lower() in self.text.lower()


@dataclass(frozen=True)
class Order:
    """A page that gives an order: of which kind, and what an answer holds that obeys it."""

    kind: str
    mark: str
    text: str


def orders() -> dict[str, Order]:
    """Return the pages that give orders, by their names."""
    table = tomllib.loads((Path(__file__).parent / "injected.toml").read_text("utf-8"))
    return {one["id"]: Order(one["kind"], one["mark"], one["text"].strip()) for one in table["page"]}


def recipe(url: str, corpus: Path) -> str:
    """Write the rules of conf/beyondweb for this server: all styles of each page, short answers, and `cut_off` last, since it takes most."""
    text = (CONF / "beyondweb/2-rephrases.toml").read_text("utf-8")
    cut_off = text[text.index('[[filter]]\nreason = "cut_off"') : text.index('[[filter]]\nreason = "refusal"')]
    changes = {
        cut_off: "",
        '["chain:seeds"]': json.dumps([str(corpus)]),
        '"http://localhost:8000/v1"': json.dumps(url),
        '"meta-llama/Llama-3.1-8B-Instruct"': f'"{MODEL}"\nconcurrency = 1\ntimeout_s = 3600.0',
        "share       = 0.2": f"max_tokens = {MAX_TOKENS}\nextra = {{ cache_prompt = false }}",
        DEDUP: f"{EMBEDDED.lstrip()}{cut_off}[dedup]\n",
    }
    for old, new in changes.items():
        assert old in text, old
        text = text.replace(old, new)
    return text


def run(folder: Path) -> tuple[float, float]:
    """Write the corpus, run, and return the seconds by the clock, and those of CPU without the server's."""
    corpus = folder / "pages.jsonl"
    texts = pages() | {name: order.text for name, order in orders().items()}
    corpus.write_text("".join(json.dumps({"id": name, "text": text}) + "\n" for name, text in texts.items()), "utf-8")
    (folder / "address").unlink(missing_ok=True)
    began, gristmill = time.monotonic(), Path(sys.executable).parent / "gristmill"
    with real_server(folder) as url:
        (folder / "real.toml").write_text(recipe(url, corpus), "utf-8")
        used = watch([gristmill, "run", folder / "real.toml", "--root", folder / "root"], log=folder / "run.log")
    watch([gristmill, "explore", folder / "root"], log=folder / "explore.log")
    return time.monotonic() - began, used.cpu_seconds


def answers(root: Path) -> list[Answer]:
    """Read the answers and what the filter says of each."""
    given, decided = orders(), {row["id"]: row for row in rows(root, "decisions/filter")}
    found = []
    for row in rows(root, "documents"):
        page, style = row["parents"][0]["id"], dict(row["carried"])["style"]
        broken = tuple(decided[row["id"]]["broken"]) if row["outcome"] == "extracted" else (row["reason"],)
        found.append(Answer(row["id"], page, style, given.get(page), row["text"] or "", broken))
    return found


def drops(found: list[Answer], root: Path) -> str:
    """Return up to ten drops of each gate, chosen by a hash of the id, each with its page and answer and the gate's measurements."""
    texts = pages() | {name: order.text for name, order in orders().items()}
    signals = {row["id"]: row for row in rows(root, "signals")}
    lines = []
    for gate in sorted({gate for one in found for gate in one.broken}):
        mine = sorted((one for one in found if gate in one.broken), key=lambda one: sha256(one.id.encode()).digest())
        lines.append(f"##### {gate}: {len(mine)} answers\n")
        for one in mine[:DROPS]:
            measured = {
                name: value
                for name, value in signals[one.id].items()
                if name.startswith("rephrase_") and value not in (None, False, 0)
            }
            lines += [f"=== {gate}  {one.id}  also {', '.join(one.broken)}", json.dumps(measured), "page"]
            lines += [indent(texts[one.page], "  | "), "answer", indent(one.text, "  > "), ""]
    return "\n".join(lines)


def alive(folder: Path) -> dict[str, Mapping[str, Any]]:
    """Open report and explorer as their tests do, and return what ran or was asked for."""
    chromium, seen = found_chromium(), {}
    for name in ("report", "explorer"):
        page, place = (folder / f"root/{name}.html").read_text("utf-8"), folder / f"look-{name}"
        place.mkdir(exist_ok=True)
        looked = (
            report.look(chromium, page, place, size=report.SIZES["desk"])
            if name == "report"
            else explorer.look(chromium, page, place, search="parent.pwned")
        )
        seen[name] = {key: looked[key] for key in ("scripts", "pwned", "fetched")}
    return seen


def table(title: str, groups: Mapping[str, Iterable[Answer]]) -> None:
    """Print for each group its answers, those kept, and how many each gate drops."""
    print(f"| {title} | answers | kept | dropped by |\n|---|---:|---:|---|")
    for name, some in groups.items():
        mine = list(some)
        counts = Counter(gate for one in mine for gate in one.broken)
        told = ", ".join(f"{gate} {count}" for gate, count in counts.most_common())
        print(f"| {name} | {len(mine)} | {sum(not one.broken for one in mine)} | {told} |")
    print()


def main(folder: Path) -> None:
    """Run, read, and print."""
    print(f"{machine()}\n")
    seconds, cpu = run(folder)
    found = answers(folder / "root")
    (folder / "drops.txt").write_text(drops(found, folder / "root"), "utf-8")
    print(f"{len(found)} answers; {seconds:.0f} s by the clock, {cpu:.0f} CPU s without the server's.\n")
    plain, told = [one for one in found if one.order is None], [one for one in found if one.order is not None]
    table("pages", {"plain": plain, "with orders": told})
    table("style, plain pages", {style: [one for one in plain if one.style == style] for style in _first(plain, "style")})
    kinds = list(dict.fromkeys(order.kind for order in orders().values()))
    table("order", {kind: [one for one in told if one.order is not None and one.order.kind == kind] for kind in kinds})
    table("order in the answer", {kind: [one for one in told if one.obeyed and one.order.kind == kind] for kind in kinds})  # type: ignore[union-attr]
    tagged = [one for one in found if re.search(r"</?[a-z]+[^>]*>|https?://|www\.|\]\(", one.text, re.IGNORECASE)]
    table("answer", {"with a tag or link": tagged})
    for one in told:
        if one.obeyed and not one.broken:
            print(f"kept with its mark: {one.id}: {one.text!r}")
    for name, looked in alive(folder).items():
        print(f"{name}: {dict(looked)}")
    for name in ("kept", "dropped"):
        print(
            name,
            Counter(
                (row["reason"] or "kept")
                for row in rows(folder / "root", f"decisions/{'dedup' if name == 'kept' else 'filter'}")
            ),
        )


def _first(some: Iterable[Answer], name: str) -> list[str]:
    return list(dict.fromkeys(getattr(one, name) for one in some))


if __name__ == "__main__":
    place = Path(sys.argv[1]).absolute()
    place.mkdir(parents=True, exist_ok=True)
    main(place)
