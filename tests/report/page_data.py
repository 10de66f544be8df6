"""A hand-made ReportData, small and complete, for the tests of the page."""

from jobs.report.data import (
    Breakdown,
    Duplicate,
    DuplicateGroup,
    FileProblem,
    FileTotals,
    Group,
    Histogram,
    Line,
    Reason,
    ReportData,
    Rule,
    Sample,
    SampleSet,
    Stage,
    StageRun,
)

HOSTILE = (
    "<script>document.title = 'pwned'</script><img src=http://127.0.0.1:9/x onerror=alert(1)>"
    '</style><style>@import url(http://127.0.0.1:9/y)</style></textarea></svg>" onload="alert(1)\' {{ 7 * 7 }}'
    "javascript:alert(1) \u202eevil\u2066 \x00\x1b[31m \ud800 <!-- ]]> &lt;"
)


def sample(text: str = "A text.", *, url: str = "https://a.example/", title: str = "A title", id: str = "<urn:1>") -> Sample:
    """Return one document as the page shows it."""
    return Sample(
        id=id,
        url=url,
        title=title,
        language="en",
        text=text,
        characters=len(text),
        broken=("few_words", "symbols"),
        facts=(("word_count", "12"),),
    )


def histogram(*, signal: str = "word_count", lines: tuple[Line, ...] = ()) -> Histogram:
    """Return a distribution of four bins from 0 to 100."""
    return Histogram(
        signal=signal,
        unit="words",
        definition="words of the text",
        kind="linear",
        low=0.0,
        high=100.0,
        bins=(4, 3, 2, 1),
        passing=(0, 0, 2, 1),
        below=0,
        above=0,
        measured=10,
        unmeasured=1,
        quantiles=(1.0, 40.0, 95.0),
        lines=lines,
    )


def report_data(*, words: str = "plain") -> ReportData:
    """Return a report on 12 captures; `words` stands wherever the web, or a recipe, has a say."""
    group = Group(words, read=6, kept=0, tokens=0, main_reason=words)
    text = words if len(words) > 20 else "one two three four"
    return ReportData(
        recipe="tiny",
        dump="TEST-2026-01",
        root=f"/tmp/{words}",
        made="2026-01-31",
        stages=(
            Stage("extract", 12, 10, (Reason("empty_text", "dropped", 1), Reason("timeout", "failed", 1)), ""),
            Stage("filter", 10, 4, (Reason("few_words", "dropped", 5), Reason(words, "dropped", 1)), ""),
            Stage("dedup", 4, 3, (Reason("near_duplicate", "dropped", 1),), ""),
            Stage("publish", 3, 3, (), None),
        ),
        tokens=1234567,
        rules=(Rule("few_words", "word_count >= 50", "Gopher, table A1", 5, 4, 5), Rule(words, words, words, 1, 0, 1)),
        histograms=(
            histogram(lines=(Line("few_words", ">=", 50.0, False, 5), Line(words, "<=", 1e5, True, 0))),
            histogram(signal=words),
        ),
        passing=4,
        breakdowns=tuple(
            Breakdown(name, (group, Group(None, 6, 3, 9, None)), (group,), distinct=2, wiped_distinct=1)
            for name in ("language", "domain", "host", "charset", "opt_out", "licence")
        ),
        samples=(
            SampleSet("kept", "", (sample(text, url=words, title=words),)),
            SampleSet("filter", "few_words", (sample(text),)),
            SampleSet("filter", words, (sample(text),)),
            SampleSet("dedup", "near_duplicate", (sample(text),)),
        ),
        duplicate_groups=(
            DuplicateGroup(
                group_id="<urn:1>",
                size=2,
                witness_id="<urn:1>",
                witness=sample(text),
                dropped=(Duplicate(sample(f"{text} five", id="<urn:2>"), "near_duplicate", "<urn:1>", 0.8),),
            ),
        ),
        duplicate_group_count=1,
        file_totals=FileTotals(2, 1, 10_000, 50, 4.0, 1, 300, (("response", 12),)),
        file_problems=(FileProblem(words, "failed", "unreadable", words, 50, ((100, 50, words),), 1),),
        runs=(StageRun("extract", "f" * 16, 6.0, 12, 1, None),),
        models=(("lid.176.ftz", "a" * 64),),
        versions=(("spark", "4.1.4"),),
    )
