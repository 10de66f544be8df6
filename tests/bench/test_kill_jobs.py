"""What a chain of kills counts, on jobs that are made up."""

from pathlib import Path

import pytest

from bench.robustness.job_log import logged_jobs, place
from bench.robustness.kill_jobs import Chain, Process, drawn


def test_the_place_of_a_kill_is_where_the_last_jobs_stand_in_order_in_the_undisturbed_run() -> None:
    undisturbed = ["a", "b", "c", "b", "c", "d"]
    assert place(undisturbed, ["look", "c", "b", "c"], near=0) == (5, 3)
    assert [place(undisturbed, ["look", "b", "c"], near=near) for near in (2, 6)] == [(3, 2), (5, 2)]
    assert place(undisturbed, ["look", "another"], near=4) == (4, 0)


def test_jobs_done_again_by_all_runs_of_a_chain_are_those_beyond_one_undisturbed_run() -> None:
    killed_twice = (Process(11, 10, 10, 9), Process(26, 25, 30, 9), Process(84, 84, 100, None))
    chain = Chain(0, killed_twice, same=True)
    assert chain.again == [5, 14]  # 25 jobs for a way of 20, and 84 for one of 70
    assert sum(chain.again) == sum(one.ended for one in killed_twice) - 100


def test_each_even_part_of_the_run_has_one_kill() -> None:
    places = sorted(at for chain in range(10) for at in drawn(398, chain, chains=10, kills=10, seed=27))
    assert [-(-at * 100 // 398) for at in places] == pytest.approx(range(1, 101), abs=1) and len(set(places)) == 100


def test_jobs_have_the_names_of_the_event_log_and_a_line_that_was_cut_off_is_none(tmp_path: Path) -> None:
    job = '{"Event":"SparkListenerJobStart","Stage Infos":[{"Stage Name":"parquet at X.java:0"}],"Properties":{"spark.job.description":"dedup hash"}}'
    (tmp_path / "app.inprogress").write_text(f'{{"Event":"SparkListenerLogStart"}}\n{job}\n{job[:60]}')
    (tmp_path / ".app.inprogress.crc").write_bytes(b"crc")
    assert logged_jobs(tmp_path) == ["dedup hash | parquet"]
