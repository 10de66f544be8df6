"""The cost sheet: its simulation against cases worked out by hand, its sums, and the page against the script."""

import pytest

from bench.crawl import bills
from bench.crawl.cost import stages, tables
from bench.crawl.model import Cluster, Driver, Outcome, Work, simulate
from tests.runs import PROJECT

FREE = Driver(task_s=0.0, chunk_s=0.0)


def hours(work: Work, cluster: Cluster, driver: Driver = FREE) -> Outcome:
    return simulate(work, cluster, driver, seed=1)


def test_alike_tasks_on_a_full_cluster_lose_nothing() -> None:
    work = Work(files=800, chunk_files=400, at_once=2, task_s=360, spread=(1.0,))
    assert hours(work, Cluster(cores=100)) == Outcome(hours=0.8, efficiency=1.0, lost_tasks=0)


def test_chunks_that_are_too_few_leave_cores_idle() -> None:
    work = Work(files=800, chunk_files=100, at_once=2, task_s=360, spread=(1.0,))
    assert hours(work, Cluster(cores=800)) == Outcome(hours=0.4, efficiency=0.25, lost_tasks=0)


def test_a_straggler_holds_up_its_own_chunk_and_no_other_when_two_are_under_way() -> None:
    # by hand: draws are 1 or 3; one chunk at a time waits for its slowest file, two share the cores
    work = Work(files=400, chunk_files=4, at_once=1, task_s=360, spread=(1.0, 3.0))
    alone = hours(work, Cluster(cores=4))
    both = hours(Work(files=400, chunk_files=4, at_once=2, task_s=360, spread=(1.0, 3.0)), Cluster(cores=4))
    assert alone.efficiency < 0.75 and both.efficiency > 0.95
    assert alone.hours * alone.efficiency == pytest.approx(both.hours * both.efficiency), "the same work"


def test_the_driver_starts_tasks_one_after_another_and_chunks_after_their_overhead() -> None:
    work = Work(files=10, chunk_files=5, at_once=1, task_s=100, spread=(1.0,))
    told = hours(work, Cluster(cores=8), Driver(task_s=2.0, chunk_s=30.0))
    # each chunk: 30 s, five starts of 2 s, and the last task's 100 s
    assert told.hours * 3600 == pytest.approx(2 * (30 + 10 + 100))


def test_lost_executors_cost_the_work_that_was_under_way_and_their_absence() -> None:
    work = Work(files=4000, chunk_files=400, at_once=2, task_s=360, spread=(0.8, 1.0, 1.2))
    calm, stormy = hours(work, Cluster(cores=100)), hours(work, Cluster(cores=100, losses_per_hour=0.5))
    assert calm.lost_tasks == 0 < stormy.lost_tasks
    assert calm.hours < stormy.hours < 1.5 * calm.hours
    # an executor lost every 288 s, at most four tasks each; half a task's time is lost with each on average
    assert 2 * stormy.hours * 12.5 < stormy.lost_tasks <= 4 * stormy.hours * 12.5 * 1.3
    assert hours(work, Cluster(cores=100, losses_per_hour=0.5)) == stormy, "by seed"


def test_the_stages_sum_up_to_what_the_results_of_extraction_say() -> None:
    made = {stage.name: stage for stage in stages()}
    both = made["extract"], made["annotate"]
    assert (round(sum(s.by_captures for s in both), -2), round(sum(s.by_bytes for s in both), -2)) == (3_400, 5_300)
    page = (PROJECT / "bench/results/extraction.md").read_text("utf-8")
    assert "3,400 or 5,300 core-hours" in " ".join(page.split())


def test_a_published_bill_is_told_a_second_a_core_and_a_million(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bills, "PUBLISHED", (bills.Bill("theirs", documents=7_200_000, cores=4, hours=0.5, dollars=3.6),))
    *_, theirs, ours = bills.bills_table(0.6)
    assert theirs == "| theirs | 7 million | 4 | 0.5 | 1,000 | 0.500 |"
    # 1.68 core-milliseconds a document
    assert ours == "| gristmill, derived | 1 million | 2 | – | 595 | 0.280 |"


def test_the_pages_show_what_the_script_prints() -> None:
    page = "".join((PROJECT / name / "crawl_cost.md").read_text("utf-8") for name in ("docs", "bench/results"))
    missing = [line for table in tables() for line in table if line not in page]
    assert missing == [], (
        "run python -m bench.crawl.cost and put its first two tables into docs/crawl_cost.md, the others into bench/results"
    )
