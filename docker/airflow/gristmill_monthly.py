"""Airflow DAG: finds Common Crawl's newest crawl, runs gristmill on it on EMR Serverless unless that is done, and alarms on how it ended.

Put this file and docker/jobs/emr-serverless.json into the DAGs folder, and set the Variables gristmill_application, gristmill_role,
gristmill_bucket and gristmill_alarm_topic; see docs/clusters.md. Common Crawl publishes about once a month and on no fixed day: hence
the question every week, and the answer is mostly that there is nothing new.
"""

import json
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from airflow.providers.amazon.aws.hooks.s3 import S3Hook
from airflow.providers.amazon.aws.notifications.sns import SnsNotifier
from airflow.providers.amazon.aws.operators.emr import EmrServerlessStartJobOperator
from airflow.providers.amazon.aws.sensors.emr import EmrServerlessJobSensor
from airflow.sdk import TriggerRule, dag, task
from airflow.sdk.exceptions import AirflowFailException

COLLINFO = "https://index.commoncrawl.org/collinfo.json"
NAME = "emr-serverless.json"
HERE = Path(__file__).parent
JOB_FILE = next((path for path in (HERE / NAME, HERE.parent / "jobs" / NAME) if path.is_file()), HERE / NAME)
FILLED = {  # what stands in the job definition for what is known only when it runs
    "CC-MAIN-YYYY-WW": "{{ ti.xcom_pull(task_ids='newest_crawl') }}",
    "APPLICATION_ID": "{{ var.value.gristmill_application }}",
    "ROLE_ARN": "{{ var.value.gristmill_role }}",
    "BUCKET": "{{ var.value.gristmill_bucket }}",
}
DONE = (0, 3)  # exit codes of a published corpus; after 3 a person decides whether the files that are missing matter
LONGEST = timedelta(days=7)
ALARM = SnsNotifier(
    target_arn="{{ var.value.gristmill_alarm_topic }}",
    subject="gristmill: {{ ti.task_id }} failed",
    message="{{ exception }}",
)


def newest(crawls: list[dict[str, Any]]) -> str:
    """Return the newest crawl of a collinfo.json, by year and week; the yearly ones of before 2013 are passed over."""
    names = [crawl["id"] for crawl in crawls if re.fullmatch(r"CC-MAIN-\d{4}-\d{2}", crawl["id"])]
    if not names:
        raise AirflowFailException(f"{COLLINFO} names no crawl, so nothing was run. Look whether its form has changed")
    return max(names)


def told(report: dict[str, Any] | None, *, root: str, since: datetime) -> str | None:
    """Return what is wrong with a run that should have ended since a moment, by its run.json, or None."""
    if report is None or datetime.fromisoformat(report["began"]) < since:
        return f"{root}/run.json was not written by this run: the job died before it began. See the job's own log; clear run to try again"
    code = report["exit_code"]
    if code == 0:
        return None
    if code is None:
        return f"{root}: the job died in {report['stage']}. Clear run, and it goes on where it stopped"
    detail = report["error"]["message"] if report["error"] else ", ".join(report["failed_files"] or [])
    return f"{root}: exit code {code}, {report['meaning']}. {detail}"


def read_report(root: str) -> dict[str, Any] | None:
    """Read a root's run.json from S3; None if there is none."""
    bucket, key = S3Hook.parse_s3_url(f"{root}/run.json")
    hook = S3Hook()
    return json.loads(hook.read_key(key, bucket)) if hook.check_for_key(key, bucket) else None


@task(retries=6, retry_delay=timedelta(hours=1))
def newest_crawl() -> str:
    """Ask Common Crawl which crawls there are."""
    asked = Request(COLLINFO, headers={"User-Agent": "gristmill"})
    with urlopen(asked, timeout=60) as answer:
        return newest(json.load(answer))


@task.short_circuit
def not_done_yet(root: str) -> bool:
    """Go on unless the crawl's run has ended with a published corpus."""
    report = read_report(root)
    return report is None or report["exit_code"] not in DONE


@task(trigger_rule=TriggerRule.ALL_DONE_MIN_ONE_SUCCESS)
def verdict(root: str, dag_run: Any = None) -> None:
    """Fail, which alarms, unless run.json says that all is well; a failed job has written one mostly, and it says why."""
    wrong = told(read_report(root), root=root, since=dag_run.start_date.replace(microsecond=0))
    if wrong:
        raise AirflowFailException(wrong)


def filled(text: str) -> dict[str, Any]:
    """Return a job definition with Airflow's templates in the place of its placeholders."""
    for placeholder, template in FILLED.items():
        text = text.replace(placeholder, template)
    return json.loads(text)


@dag(
    schedule="0 6 * * 1",
    start_date=datetime(2026, 1, 1),
    catchup=False,
    max_active_runs=1,
    default_args={"on_failure_callback": [ALARM]},
    tags=["gristmill"],
)
def gristmill_monthly() -> None:
    """Run the newest crawl once."""
    job = filled(JOB_FILE.read_text("utf-8"))
    arguments = job["jobDriver"]["sparkSubmit"]["entryPointArguments"]
    root = arguments[arguments.index("--root") + 1]
    run = EmrServerlessStartJobOperator(
        task_id="run",
        application_id=job["applicationId"],
        execution_role_arn=job["executionRoleArn"],
        job_driver=job["jobDriver"],
        configuration_overrides=job["configurationOverrides"],
        name=job["name"],
        config={"retryPolicy": job["retryPolicy"]},
        wait_for_completion=False,
    )
    ended = EmrServerlessJobSensor(
        task_id="ended",
        application_id=job["applicationId"],
        job_run_id=run.output,
        mode="reschedule",  # a run takes hours, and no worker need wait that long
        poke_interval=60,
        timeout=LONGEST.total_seconds(),
        on_failure_callback=None,  # verdict knows more
    )
    fresh = not_done_yet(root)
    newest_crawl() >> fresh >> run >> ended
    [fresh, ended] >> verdict(root)


gristmill_monthly()
