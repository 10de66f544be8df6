"""The arithmetic and the tables of bench/extraction/speed.py: rates, paired ratios, what a recipe loses, core-hours of a crawl."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

Found = dict[str, Any]
REFERENCE = "datatrove"


@dataclass(frozen=True)
class Crawl:
    """What a whole crawl is taken to hold: WARCs, captures in each, and gzipped bytes of each."""

    warcs: int
    captures: int
    warc_bytes: int


@dataclass(frozen=True)
class Work:
    """What one run worked through: response records, their bodies' bytes, and the WARCs' gzipped bytes."""

    pages: int
    html_bytes: int
    gzip_bytes: int

    def rates(self, seconds: float) -> tuple[float, float, float]:
        """Return pages, MB of HTML and MB of gzipped WARC a second.

        >>> Work(pages=100, html_bytes=8_000_000, gzip_bytes=2_000_000).rates(4.0)
        (25.0, 2.0, 0.5)
        """
        return self.pages / seconds, self.html_bytes / 1e6 / seconds, self.gzip_bytes / 1e6 / seconds

    def core_hours(self, crawl: Crawl, *, seconds: float) -> tuple[float, float]:
        """Return what a crawl takes if its captures cost what these pages did, and if its gzipped bytes did.

        >>> crawl = Crawl(warcs=10, captures=3600, warc_bytes=7_200_000)
        >>> Work(pages=100, html_bytes=0, gzip_bytes=2_000_000).core_hours(crawl, seconds=50.0)
        (5.0, 0.5)
        """
        pages, gzip_bytes = crawl.warcs * crawl.captures / self.pages, crawl.warcs * crawl.warc_bytes / self.gzip_bytes
        return pages * seconds / 3600, gzip_bytes * seconds / 3600


def share_lost(kept: Collection[str], *, of: Collection[str]) -> float:
    """Return the share of the documents of a first choice that a second does not keep; 0 where there were none.

    >>> share_lost(["a", "c"], of=["a", "b"])
    0.5
    """
    return len(set(of) - set(kept)) / len(set(of)) if of else 0.0


def paired_ratios(slow: Sequence[Mapping[str, float]], fast: Sequence[Mapping[str, float]], *, by: str) -> list[float]:
    """Return, sorted, how often the seconds of `fast` go into those of `slow` of the same round.

    >>> paired_ratios([{"s": 4.0}, {"s": 9.0}, {"s": 2.0}], [{"s": 2.0}, {"s": 3.0}, {"s": 2.0}], by="s")
    [1.0, 2.0, 3.0]
    """
    return sorted(one[by] / other[by] for one, other in zip(slow, fast, strict=True))


def speed_up(one: Mapping[str, float], two: Sequence[Mapping[str, float]], *, by: str) -> tuple[float, float]:
    """Return how much sooner several processes are done than one: until the last ends, and as if all had ended together.

    >>> speed_up({"s": 19.0}, [{"s": 10.0}, {"s": 9.0}], by="s")
    (1.9, 2.0)
    """
    seconds = [each[by] for each in two]
    return one[by] / max(seconds), one[by] / (sum(seconds) / len(seconds))


def middle(timed: Sequence[Mapping[str, float]], by: str) -> float:
    """Return the median of one of the measurements."""
    return float(median(each[by] for each in timed))


def report_pipeline(found: Found, *, crawl: Crawl) -> list[str]:
    """Return the tables of speed, steps and core-hours."""
    work, runs, kept = Work(**found["work"]), found["runs"], found["kept"]
    first = next(name for name in runs if name != REFERENCE)
    lines = [
        f"## From WARC to decision: {work.pages:,} response records, {work.html_bytes / 1e6:.1f} MB of bodies, "
        f"{work.gzip_bytes / 1e6:.1f} MB gzipped, one core",
        "",
        f"| | CPU s, median (all runs) | of it in the child | wall s | pages/s/core | MB HTML/s/core | MB gzip/s/core "
        f"| CPU: {REFERENCE}'s to its, median (range) | wall | kept | lost of {first}'s |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for name, timed in runs.items():
        seconds = middle(timed, "cpu_seconds")
        pages, html, gzipped = work.rates(seconds)
        cpu, wall = (paired_ratios(runs[REFERENCE], timed, by=by) for by in ("cpu_seconds", "wall_seconds"))
        lost = "–" if name == REFERENCE else f"{100 * share_lost(kept[name], of=kept[first]):.2f} %"
        every = ", ".join(f"{each['cpu_seconds']:.1f}" for each in timed)
        lines.append(
            f"| {name} | **{seconds:.1f}** ({every}) | {middle(timed, 'child_cpu_seconds'):.1f} | {middle(timed, 'wall_seconds'):.1f} "
            f"| **{pages:.1f}** | {html:.2f} | {gzipped:.2f} | **{median(cpu):.2f}×** ({cpu[0]:.2f}–{cpu[-1]:.2f}) | {median(wall):.2f}× | {len(kept[name])} | {lost} |"
        )
    common = len(set(kept[first]) & set(kept[REFERENCE]))
    lines += ["", f"{common} documents are kept by {REFERENCE} and {first} alike.", *report_steps(found)]
    return [*lines, "", *report_hours(work, runs, crawl=crawl), ""]


def report_steps(found: Found) -> list[str]:
    """Return where the seconds go, as far as each side tells, and whether all runs came to the same."""
    lines: list[str] = []
    for name, timed in found["runs"].items():
        versions = ", ".join(f"{package} {version}" for package, version in timed[-1]["versions"].items())
        lines += ["", f"### {name} ({versions})", ""]
        if name == REFERENCE:
            lines += [
                f"A page may take {timed[-1]['page_timeout_s']:g} s; one that takes longer on a busy machine is lost.",
                "",
            ]
            lines += ["| step | wall s of the last run, as it tells | counts |", "|---|---|---|"]
            for step in timed[-1]["steps"]:
                counts = ", ".join(f"{key} {value}" for key, value in step["counts"].items() if not key.startswith("line-"))
                lines.append(f"| {step['name']} | {step['wall_seconds']:.1f} | {counts} |")
            continue
        lines += ["| step | CPU s | wall s |", "|---|---|---|"]
        for step in ("extract", "annotate"):
            steps = [each["steps"][step] for each in timed]
            lines.append(f"| {step} | {middle(steps, 'cpu_seconds'):.1f} | {middle(steps, 'wall_seconds'):.1f} |")
        lines.append(f"| filter (Spark, not in the sums) | – | {found['decide_seconds'][name]:.1f} |")
        reasons = ", ".join(f"{reason} {count}" for reason, count in timed[-1]["reasons"].items())
        digests = len({each["digest"] for each in timed})
        said = "" if len(timed) == 1 else f" Texts of all runs {'are the same' if digests == 1 else '**DIFFER**'}."
        lines += ["", f"Extraction: {reasons}.{said}"]
    return lines


def report_hours(work: Work, runs: Mapping[str, Sequence[Mapping[str, float]]], *, crawl: Crawl) -> list[str]:
    """Return the core-hours of a crawl with what they rest on."""
    lines = [
        f"### Core-hours for {crawl.warcs:,} WARCs",
        "",
        f"Assumed: {crawl.captures:,} captures and {crawl.warc_bytes / 1e6:,.0f} MB gzipped in a WARC; the one column takes a capture to "
        f"cost what a page here does ({work.gzip_bytes / work.pages / 1000:.1f} kB gzipped each), the other a gzipped byte.",
        "",
        "| | by captures | by gzipped bytes |",
        "|---|---|---|",
    ]
    for name, timed in runs.items():
        pages, gzipped = work.core_hours(crawl, seconds=middle(timed, "cpu_seconds"))
        lines.append(f"| {name} | {pages:,.0f} | {gzipped:,.0f} |")
    return lines


def report_scaling(found: Found) -> list[str]:
    """Return the table of one process against two at once."""
    lines = [
        f"## Two processes on two cores against one on one ({found['recipe']})",
        "",
        "| seconds | one process over both WARCs | two at once, one each | speed-up to the end of the last | by the mean of the two |",
        "|---|---|---|---|---|",
    ]
    for title, by in (("wall", "wall_seconds"), ("CPU", "cpu_seconds")):
        pairs = list(zip(found["one"], found["two"], strict=True))
        last, mean = (median(speed_up(one, two, by=by)[which] for one, two in pairs) for which in (0, 1))
        each = ", ".join(f"{median(two[nth][by] for two in found['two']):.1f}" for nth in (0, 1))
        lines.append(f"| {title} | {middle(found['one'], by):.1f} | {each} | {last:.2f}× | {mean:.2f}× |")
    note = "CPU: what would come out on cores that nobody else uses; a core's slowing down under its neighbour's load is in it."
    return [*lines, "", note, ""]


def report_reading(found: Found) -> list[str]:
    """Return the table of the readers."""
    runs = found["runs"]
    lines = [
        "## Reading alone: every record, its body taken",
        "",
        "| | records | MB of bodies | CPU s, median (all runs) | wall s | CPU: warcio's to its | CPU: its to fastwarc's |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, timed in runs.items():
        every = ", ".join(f"{each['cpu_seconds']:.2f}" for each in timed)
        ratios = (
            median(paired_ratios(runs["warcio"], timed, by="cpu_seconds")),
            median(paired_ratios(timed, runs["fastwarc"], by="cpu_seconds")),
        )
        lines.append(
            f"| {name} | {timed[-1]['records']:,} | {timed[-1]['payload_bytes'] / 1e6:.1f} | **{middle(timed, 'cpu_seconds'):.2f}** ({every}) "
            f"| {middle(timed, 'wall_seconds'):.2f} | {ratios[0]:.2f}× | {ratios[1]:.2f}× |"
        )
    note = "gristmill copies the headers and bodies of pages only, measures every record's place in the file, and would resume behind damage."
    return [*lines, "", note, ""]
