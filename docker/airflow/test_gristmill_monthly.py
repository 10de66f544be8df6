"""The DAG in Airflow itself: its graph, and whole runs of it against a stand-in for AWS on loopback. `make test-airflow` runs it."""

import importlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import parse_qs

import pytest
from loopback_aws import Cloud, loopback_aws

HERE = Path(__file__).parent
ROOT = "/my-bucket/fineweb/CC-MAIN-2026-47"
TOPIC = "arn:aws:sns:us-east-1:123456789012:alarm"


@pytest.fixture(scope="session")
def dags(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    """Lay the DAG and its job definition into a DAGs folder of a new Airflow, as docs/clusters.md says, and import it."""
    home = tmp_path_factory.mktemp("airflow")
    (home / "dags").mkdir()
    shutil.copy(HERE / "gristmill_monthly.py", home / "dags")
    shutil.copy(HERE.parent / "jobs" / "emr-serverless.json", home / "dags")
    os.environ |= {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__UNIT_TEST_MODE": "False",
        "AIRFLOW_VAR_GRISTMILL_APPLICATION": "00abc",
        "AIRFLOW_VAR_GRISTMILL_ROLE": "arn:aws:iam::123456789012:role/gristmill",
        "AIRFLOW_VAR_GRISTMILL_BUCKET": "my-bucket",
        "AIRFLOW_VAR_GRISTMILL_ALARM_TOPIC": TOPIC,
    }
    subprocess.run([sys.executable, "-m", "airflow", "db", "migrate"], check=True, capture_output=True)
    sys.path.insert(0, str(home / "dags"))
    import gristmill_monthly

    return gristmill_monthly


@pytest.fixture
def cloud(dags: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    with loopback_aws() as made:
        extra = {"endpoint_url": made.url, "region_name": "us-east-1"}
        connection = {"conn_type": "aws", "login": "AK", "password": "SK", "extra": extra}
        monkeypatch.setenv("AIRFLOW_CONN_AWS_DEFAULT", json.dumps(connection))
        importlib.reload(dags)  # a notifier keeps its connection and its text, and in Airflow lives as long as one task
        monkeypatch.setattr(dags, "COLLINFO", f"{made.url}/collinfo.json")
        yield made


def report(code: int | None, *, began: datetime | None = None) -> bytes:
    """Return a run.json as gristmill writes it."""
    error = {"type": "LedgerError", "message": "filter does not balance"} if code in (1, 2, 4, 5) else None
    moment = began or datetime.now(UTC) + timedelta(hours=1)  # after the start, however slow the machine
    return json.dumps(
        {
            "exit_code": code,
            "meaning": f"meaning of {code}",
            "began": moment.isoformat(timespec="seconds"),
            "stage": "dedup" if code is None else None,
            "failed_files": ["s3://commoncrawl/a.warc.gz"] if code == 3 else [],
            "error": error,
        }
    ).encode()


def states(dags: ModuleType) -> dict[str, str]:
    """Run the DAG once, and return what became of its tasks."""
    run = dags.gristmill_monthly().test()
    return {instance.task_id: str(instance.state) for instance in run.get_task_instances()}


def alarms(cloud: Cloud) -> list[str]:
    """Return the messages that went to the topic."""
    forms = [parse_qs(body.decode()) for method, path, body in cloud.asked if (method, path) == ("POST", "/")]
    assert all(form["TargetArn"] == [TOPIC] for form in forms)
    return [json.loads(form["Message"][0])["default"] for form in forms]


def test_the_tasks_follow_one_another_and_the_verdict_comes_whatever_became_of_the_job(dags: ModuleType) -> None:
    dag = dags.gristmill_monthly()
    assert {task.task_id: (task.downstream_task_ids, task.trigger_rule.value) for task in dag.tasks} == {
        "newest_crawl": ({"not_done_yet"}, "all_success"),
        "not_done_yet": ({"run", "verdict"}, "all_success"),
        "run": ({"ended"}, "all_success"),
        "ended": ({"verdict"}, "all_success"),
        "verdict": (set(), "all_done_min_one_success"),
    }
    assert (dag.catchup, dag.max_active_runs, dag.schedule) == (False, 1, "0 6 * * 1")
    quiet = [task.task_id for task in dag.tasks if not task.on_failure_callback]
    assert quiet == ["ended"]
    assert (dag.get_task("ended").mode, dag.get_task("run").wait_for_completion) == ("reschedule", False)


def test_airflow_itself_finds_the_dag_without_an_error(dags: ModuleType) -> None:
    from airflow.dag_processing.dagbag import DagBag

    bag = DagBag(dag_folder=str(Path(str(dags.__file__)).parent))
    assert (bag.import_errors, list(bag.dags)) == ({}, ["gristmill_monthly"])


def test_a_new_crawl_is_run_by_the_job_definition_with_its_name_filled_in(dags: ModuleType, cloud: Cloud) -> None:
    cloud.job_writes = {f"{ROOT}/run.json": report(0)}
    assert states(dags) == dict.fromkeys(("newest_crawl", "not_done_yet", "run", "ended", "verdict"), "success")
    (sent,) = cloud.bodies("POST", "/applications/00abc/jobruns")
    text = (HERE.parent / "jobs" / "emr-serverless.json").read_text("utf-8")
    for placeholder, value in (
        ("CC-MAIN-YYYY-WW", "CC-MAIN-2026-47"),
        ("APPLICATION_ID", "00abc"),
        ("ROLE_ARN", "arn:aws:iam::123456789012:role/gristmill"),
        ("BUCKET", "my-bucket"),
    ):
        text = text.replace(placeholder, value)
    wanted = json.loads(text)
    del wanted["applicationId"]  # it is in the path
    assert {key: value for key, value in sent.items() if key != "clientToken"} == wanted
    assert alarms(cloud) == []


@pytest.mark.parametrize("code", [0, 3])
def test_a_crawl_whose_corpus_is_published_is_skipped_without_an_alarm(dags: ModuleType, cloud: Cloud, code: int) -> None:
    cloud.objects = {f"{ROOT}/run.json": report(code, began=datetime(2026, 11, 1, tzinfo=UTC))}
    skipped = dict.fromkeys(("run", "ended", "verdict"), "skipped")
    assert states(dags) == {"newest_crawl": "success", "not_done_yet": "success", **skipped}
    assert cloud.bodies("POST", "/applications/00abc/jobruns") == []
    assert alarms(cloud) == []


@pytest.mark.parametrize(
    ("code", "says"),
    [
        (3, "exit code 3, meaning of 3. s3://commoncrawl/a.warc.gz"),
        (4, "exit code 4, meaning of 4. filter does not balance"),
        (None, "the job died in dedup. Clear run, and it goes on where it stopped"),
    ],
)
def test_a_run_that_did_not_end_well_alarms_with_what_its_report_says(
    dags: ModuleType, cloud: Cloud, code: int | None, says: str
) -> None:
    cloud.job_state, cloud.job_writes = "FAILED", {f"{ROOT}/run.json": report(code)}
    ended = {"newest_crawl": "success", "not_done_yet": "success", "run": "success", "ended": "failed", "verdict": "failed"}
    assert states(dags) == ended
    assert alarms(cloud) == [f"s3:/{ROOT}: {says}"]


def test_the_report_of_an_earlier_run_is_not_taken_for_this_ones(dags: ModuleType, cloud: Cloud) -> None:
    cloud.objects = {f"{ROOT}/run.json": report(4, began=datetime(2026, 11, 1, tzinfo=UTC))}
    cloud.job_state = "FAILED"
    assert states(dags)["verdict"] == "failed"
    assert alarms(cloud) == [
        f"s3:/{ROOT}/run.json was not written by this run: the job died before it began. See the job's own log; clear run to try again"
    ]


@pytest.mark.parametrize("code", [0, 1, 2, 3, 4, 5, 130, None])
def test_every_exit_code_but_0_is_wrong_and_said(dags: ModuleType, code: int | None) -> None:
    since = datetime(2026, 11, 22, tzinfo=UTC)
    wrong = dags.told(json.loads(report(code, began=since)), root="s3://b/r", since=since)
    assert (
        wrong is None
        if code == 0
        else wrong.startswith(f"s3://b/r: {'the job died' if code is None else f'exit code {code}, '}")
    )


def test_a_list_without_a_crawl_is_no_reason_to_run_anything(dags: ModuleType) -> None:
    newest: Callable[[list[dict[str, Any]]], str] = dags.newest
    assert newest([{"id": "CC-MAIN-2025-51"}, {"id": "CC-MAIN-2026-04"}, {"id": "CC-MAIN-2012"}]) == "CC-MAIN-2026-04"
    with pytest.raises(dags.AirflowFailException, match="names no crawl, so nothing was run"):
        newest([{"id": "CC-MAIN-2012"}])
