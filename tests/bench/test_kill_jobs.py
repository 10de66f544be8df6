"""What a chain of kills counts, on jobs that are made up."""

import json
from pathlib import Path
from typing import Any

import pytest

from bench.robustness.job_log import Job, logged_jobs, place, usual, work
from bench.robustness.kill_chain import Chain, Process
from bench.robustness.kill_jobs import drawn


def test_the_place_of_a_kill_is_where_the_last_jobs_stand_in_order_in_the_undisturbed_run() -> None:
    undisturbed = ["a", "b", "c", "b", "c", "d"]
    assert place(undisturbed, ["look", "c", "b", "c"], near=0) == (5, 3)
    assert [place(undisturbed, ["look", "b", "c"], near=near) for near in (2, 6)] == [(3, 2), (5, 2)]
    assert place(undisturbed, ["look", "another"], near=4) == (4, 0)


def test_jobs_done_again_by_all_runs_of_a_chain_are_those_beyond_one_undisturbed_run() -> None:
    killed_twice = (
        Process(11, 10, 10, 9, worked=70, worked_behind=70, ran=90),
        Process(26, 25, 30, 9, worked=60, worked_behind=120, ran=99),
        Process(84, 84, 100, None, worked=90, worked_behind=200, ran=95),
    )
    chain = Chain(0, killed_twice, same=True)
    assert chain.again == [5, 14]  # 25 jobs for a way of 20, and 84 for one of 70
    assert sum(chain.again) == sum(one.ended for one in killed_twice) - 100
    assert chain.worked_again == [10, 10]  # 60 ms for a way of 50, and 90 for one of 80
    assert sum(chain.worked_again) == sum(one.worked for one in killed_twice) - 200


def test_work_is_what_a_job_of_that_name_ran_undisturbed_and_of_one_that_was_never_there_what_it_ran() -> None:
    each = usual([Job("a", 10), Job("b", 500), Job("a", 30)])
    assert each == {"a": 20, "b": 500}
    assert work([Job("a", 999), Job("look", 3), Job("b", None)], each) == 23


def test_each_even_part_of_the_run_has_one_kill() -> None:
    places = sorted(at for chain in range(10) for at in drawn(398, chain, chains=10, kills=10, seed=27))
    assert [-(-at * 100 // 398) for at in places] == pytest.approx(range(1, 101), abs=1) and len(set(places)) == 100


def test_jobs_have_the_names_of_the_event_log_and_what_their_own_tasks_ran(tmp_path: Path) -> None:
    """The second job finds what stage 0 wrote; the third did not end, and the line of a fourth was cut off."""

    def began(job: int, *stages: int) -> dict[str, Any]:
        infos = [{"Stage ID": stage, "Stage Name": "parquet at X.java:0"} for stage in stages]
        told = {"spark.job.description": "dedup hash"}
        return {"Event": "SparkListenerJobStart", "Job ID": job, "Stage Infos": infos, "Properties": told}

    def ran(stage: int, time: int) -> dict[str, Any]:
        return {"Event": "SparkListenerTaskEnd", "Stage ID": stage, "Task Metrics": {"Executor Run Time": time}}

    def ended(job: int) -> dict[str, Any]:
        return {"Event": "SparkListenerJobEnd", "Job ID": job}

    start: dict[str, Any] = {"Event": "SparkListenerLogStart"}
    events = [start, began(0, 0), ran(0, 40), ran(0, 2), ended(0), began(1, 0, 1), ran(1, 7), ended(1), began(2, 2), ran(2, 9)]
    lines = [json.dumps(event, separators=(",", ":")) for event in [*events, began(3, 3)]]
    (tmp_path / "app.inprogress").write_text("\n".join(lines)[:-20])
    (tmp_path / ".app.inprogress.crc").write_bytes(b"crc")
    assert logged_jobs(tmp_path) == [
        Job("dedup hash | parquet", 42),
        Job("dedup hash | parquet parquet", 7),
        Job("dedup hash | parquet", None),
    ]
