"""The arithmetic of bench/extraction/speed.py; what it times is not timed here."""

from bench.extraction.speed_report import Crawl, Found, Work, paired_ratios, report_pipeline, share_lost, speed_up

WORK = Work(pages=100, html_bytes=8_000_000, gzip_bytes=2_000_000)


def seconds(*cpu: float) -> list[dict[str, float]]:
    return [{"cpu_seconds": each, "child_cpu_seconds": each / 2, "wall_seconds": 2 * each} for each in cpu]


def ours(*cpu: float, digests: str) -> list[Found]:
    said = {"versions": {"trafilatura": "2"}, "reasons": {"extracted": 9}}
    steps = {"extract": seconds(1.0)[0], "annotate": seconds(1.0)[0]}
    return [{**timed, **said, "steps": steps, "digest": digest} for timed, digest in zip(seconds(*cpu), digests, strict=True)]


def report(*, digests: str) -> list[str]:
    runs: Found = {
        "datatrove": [{**timed, "versions": {}, "steps": [], "page_timeout_s": 1.0} for timed in seconds(8.0, 30.0)],
        "open": ours(4.0, 10.0, digests="aa"),
        "gated": ours(2.0, 5.0, digests=digests),
    }
    kept = {"datatrove": ["a", "b"], "open": ["b", "c", "d", "e"], "gated": ["b", "c", "e", "f"]}
    found: Found = {"work": vars(WORK), "runs": runs, "kept": kept, "decide_seconds": {"open": 0.1, "gated": 0.1}}
    return report_pipeline(found, crawl=Crawl(warcs=10, captures=3600, warc_bytes=7_200_000))


def test_rates_are_pages_html_and_gzip_a_second() -> None:
    assert WORK.rates(4.0) == (25.0, 2.0, 0.5)


def test_core_hours_are_told_by_captures_and_by_gzipped_bytes() -> None:
    assert WORK.core_hours(Crawl(warcs=10, captures=3600, warc_bytes=7_200_000), seconds=50.0) == (5.0, 0.5)


def test_what_a_second_recipe_keeps_besides_does_not_make_up_for_what_it_loses() -> None:
    assert share_lost(["a", "x", "y"], of=["a", "b", "c", "d"]) == 0.75
    assert share_lost(["a"], of=[]) == 0.0


def test_ratios_pair_the_runs_of_one_round() -> None:
    slow, fast = seconds(4.0, 9.0, 2.0), seconds(2.0, 3.0, 2.0)
    assert paired_ratios(slow, fast, by="cpu_seconds") == [1.0, 2.0, 3.0]


def test_two_processes_are_done_when_the_slower_is() -> None:
    assert speed_up(seconds(19.0)[0], seconds(10.0, 9.0), by="cpu_seconds") == (1.9, 2.0)


def test_the_table_has_medians_paired_ratios_and_what_is_lost_of_the_first_recipe() -> None:
    rows = [line for line in report(digests="aa") if line.startswith(("| datatrove | **", "| open | **", "| gated | **"))]
    assert rows == [
        "| datatrove | **19.0** (8.0, 30.0) | 9.5 | 38.0 | **5.3** | 0.42 | 0.11 | **1.00×** (1.00–1.00) | 1.00× | 2 | – |",
        "| open | **7.0** (4.0, 10.0) | 3.5 | 14.0 | **14.3** | 1.14 | 0.29 | **2.50×** (2.00–3.00) | 2.50× | 4 | 0.00 % |",
        "| gated | **3.5** (2.0, 5.0) | 1.8 | 7.0 | **28.6** | 2.29 | 0.57 | **5.00×** (4.00–6.00) | 5.00× | 4 | 25.00 % |",
    ]


def test_runs_that_came_to_other_texts_are_called_out() -> None:
    said = [line for line in report(digests="ab") if line.startswith("Extraction:")]
    assert said == [
        "Extraction: extracted 9. Texts of all runs are the same.",
        "Extraction: extracted 9. Texts of all runs **DIFFER**.",
    ]
