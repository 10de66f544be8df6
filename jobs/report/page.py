"""Renders the report as one HTML page without scripts or anything fetched, since strangers wrote what it shows."""

import difflib
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from markupsafe import Markup

from jobs.report import charts, figures
from jobs.report.data import WIPED_FROM, Breakdown, Group, Histogram, Reason, ReportData, Rule, Stage
from jobs.report.templates import templates
from jobs.report.visible import cut, visible

TEXT_CHARACTERS = 1200
COMPARED_CHARACTERS = 5000  # of two duplicates; comparing takes up to the square of it
CONTEXT_CHARACTERS = 90  # shown on either side of a difference
MOST_RUNS = 60
MOST_WORK = 100_000  # pairs of equal words; prose of this length has about 10,000
# what a page says of the map beside it; the second stands where there is no map yet, for it to be put in
EXPLORER = Markup(' · <a href="explorer.html">Map of the corpus</a>')
NO_EXPLORER = Markup("<!-- explorer -->")
SHOWN_AT_ONCE = 12  # rows of a table before the rest is folded away
PROPERTIES = {
    "charset": "Charset",
    "charset_source": "Charset known from",
    "mime": "Media type",
    "http_status": "HTTP status",
    "truncated": "Truncated by the crawler",
    "extractor": "Text taken by",
}


Run = tuple[str, bool]
# a word with the space after it; scripts written without spaces go by character
_WORD = re.compile(r"(?:[\u3040-\u30ff\u3400-\u9fff\u0e00-\u0e7f]|\w+|[^\w\s])\s*|\s+")


@dataclass(frozen=True)
class Notice:
    """One thing a reader should look at: `grave` if the run cannot be trusted before it is explained."""

    text: str
    section: str
    grave: bool = False


def render(data: ReportData) -> str:
    """Return the whole page as HTML; same data, same page.

    Every value passes `visible` and then autoescaping, texts and URLs are cut, and no value becomes a link.
    """
    breakdowns = {breakdown.name: breakdown for breakdown in data.breakdowns}
    removed = {(stage.name, reason.name): (reason, stage) for stage in data.stages for reason in stage.reasons}
    page = templates("jobs.report").get_template("report.html")
    return page.render(
        data=data,
        charts=charts,
        share=figures.share,
        anchor=_anchors(data),
        notices=notices(data),
        breakdowns=breakdowns,
        pages=data.noun == "captures",
        compact=[
            (title, breakdowns[name]) for name, title in PROPERTIES.items() if name in breakdowns and _told(breakdowns[name])
        ],
        drawn=_split(data.histograms or ()),
        removed=removed,
        in_order=lambda found: sorted(found, key=lambda one: _rank(removed.get((one.stage, one.reason)))),
        keep={rule.reason: _meant(rule) for rule in data.rules or () if rule.keep},
        meanings=data.meanings,
        most_reasons=max(data.stages, key=lambda stage: len(stage.reasons), default=None),
        differences=differences,
        group_bar=group_bar,
        rule_bar=charts.nested_bar,
        title=data.title,
        upshot=data.upshot,
        explorer=EXPLORER,
        no_explorer=NO_EXPLORER,
        wiped_from=WIPED_FROM,
        shown_at_once=SHOWN_AT_ONCE,
        text_characters=TEXT_CHARACTERS,
    )


def _meant(rule: Rule) -> str:
    """Say what a rule keeps, and for which documents it is meant."""
    return f"{rule.keep}, where {rule.where}" if rule.where else rule.keep


def _told(breakdown: Breakdown) -> bool:
    """Tell whether any document says something: rows of a corpus have no charset and no status."""
    return any(group.value is not None for group in breakdown.groups)


def _rank(removed: tuple[Reason, Stage] | None) -> tuple[int, str]:
    """Sort reasons by how much they removed."""
    return (-removed[0].count, removed[0].name) if removed is not None else (0, "")


def _anchors(data: ReportData) -> Callable[[str, str], str]:
    """Return a function that names the place of a reason's samples, "" where there are none."""
    names: dict[tuple[str, str], str] = {}
    for place, found in enumerate(data.samples):
        slug = re.sub(r"[^a-z0-9]+", "-", f"{found.stage}-{found.reason}".lower()).strip("-")[:60]
        taken = slug in names.values()
        names[found.stage, found.reason] = f"{slug}-{place}" if taken or not slug else slug
    return lambda stage, reason: names.get((stage, reason), "")


def _split(histograms: tuple[Histogram, ...]) -> tuple[tuple[Histogram, ...], tuple[Histogram, ...]]:
    """Part the signals a threshold was drawn into from the others."""
    return tuple(h for h in histograms if h.lines), tuple(h for h in histograms if not h.lines)


def group_bar(group: Group, *, of: int) -> Markup:
    """Draw what came in and, inside it, what was kept."""
    label = f"{figures.number(group.kept)} kept of {figures.number(group.read)}"
    parts = ((group.read, "rest", f"{figures.number(group.read)} in"), (group.kept, "kept", label))
    return charts.nested_bar(parts, of=of, label=label)


def differences(witness: str, text: str) -> tuple[list[Run], list[Run]]:
    """Compare two texts word by word; return, for each, its passages around the words that the other lacks there.

    A run is (text, whether the other lacks it); what both share for long is shortened to an ellipsis. Texts that
    would take too long to compare are shown from their beginning, unmarked.
    """
    left, right = (_WORD.findall(cut(visible(t), COMPARED_CHARACTERS)) for t in (witness, text))
    if _work(left, right) > MOST_WORK:
        return [(cut(witness, TEXT_CHARACTERS), False)], [(cut(text, TEXT_CHARACTERS), False)]
    ours: list[Run] = []
    theirs: list[Run] = []
    for change, i, j, k, m in difflib.SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        ours.append(("".join(left[i:j]), change != "equal"))
        theirs.append(("".join(right[k:m]), change != "equal"))
    return _passages(ours), _passages(theirs)


def _work(left: list[str], right: list[str]) -> int:
    """Count the pairs of equal words a comparison starts from: texts that repeat one word would take minutes."""
    times = Counter(right)
    return sum(count * times[word] for word, count in Counter(left).items())


def _passages(runs: list[Run]) -> list[Run]:
    """Shorten what is shared to the words beside a difference."""
    if len(runs) == 1 and not runs[0][1]:
        return [(cut(runs[0][0], TEXT_CHARACTERS), False)]
    shown: list[Run] = []
    for place, (run, new) in enumerate(runs):
        before = run[:CONTEXT_CHARACTERS] if place > 0 else ""
        after = run[-CONTEXT_CHARACTERS:] if place + 1 < len(runs) else ""
        long = not new and len(run) > len(before) + len(after) + 3
        words = f"{before.rpartition(' ')[0] or before} … {after.partition(' ')[2] or after}"
        shown.append((words if long else cut(run, TEXT_CHARACTERS), new))
    return [run for run in shown[:MOST_RUNS] if run[0]]


def notices(data: ReportData) -> tuple[Notice, ...]:
    """List what a reader should look at before trusting the run: what does not balance first."""
    found = []
    for stage, following in zip(data.stages, (*data.stages[1:], None), strict=True):
        found += _ledger_notices(data, stage, following)
    emptied = next((stage for stage in data.stages if stage.read and not stage.kept), None)
    if emptied is not None:
        found.append(Notice(f"{data.title(emptied.name)} kept no document, so the corpus is empty", "funnel"))
    filtered = next((stage for stage in data.stages if stage.name == "filter"), None)
    if filtered is not None and data.passing is not None and data.passing != filtered.kept:
        again = f"the recipe's rules, evaluated again over the signals, keep {figures.number(data.passing)} documents, "
        text = f"{again}the filter kept {figures.number(filtered.kept)}: the recipe or the signals changed after it ran"
        found.append(Notice(text.capitalize(), "signals", grave=True))
    if data.file_totals is not None and data.file_totals.failed:
        text = f"{figures.number(data.file_totals.failed)} of {figures.number(data.file_totals.files)} input files failed"
        found.append(Notice(f"{text}; the same command tries them again", "files"))
    if data.file_totals is not None and data.file_totals.bytes_skipped:
        found.append(Notice(f"{figures.size(data.file_totals.bytes_skipped)} of the input could not be read", "files"))
    breakdowns = {breakdown.name: breakdown for breakdown in data.breakdowns}
    return (*found, *_group_notices(breakdowns))


def _ledger_notices(data: ReportData, stage: Stage, following: Stage | None) -> list[Notice]:
    found = []
    if stage.recorded:
        found.append(
            Notice(f"{data.title(stage.name)}: the ledger and the rows differ ({stage.recorded})", "funnel", grave=True)
        )
    if following is not None and following.read != stage.kept:
        kept, read = figures.number(stage.kept), figures.number(following.read)
        text = f"{data.title(stage.name)} kept {kept} documents, but {data.title(following.name).lower()} decided on {read}"
        found.append(Notice(text, "funnel", grave=True))
    failed = sum(reason.count for reason in stage.reasons if reason.outcome == "failed")
    if stage.read and failed > stage.read / 100:
        share = figures.share(failed, stage.read)
        found.append(Notice(f"{data.title(stage.name)}: {share} of the documents failed", "funnel"))
    return found


def _group_notices(breakdowns: dict[str, Breakdown]) -> list[Notice]:
    found = []
    domains, facts = breakdowns.get("domain"), breakdowns.get("opt_out")
    if domains is not None and domains.wiped_distinct:
        count, whole = figures.number(domains.wiped_distinct), figures.number(domains.distinct)
        text = f"{count} of {whole} domains gave {WIPED_FROM} documents or more and kept none"
        found.append(Notice(text, "domains"))
    kept = sum(group.kept for group in facts.groups if group.value is not None) if facts is not None else 0
    if kept:
        found.append(Notice(f"Kept documents carry {figures.number(kept)} opt-out facts", "opt-out"))
    return found
