"""What the clouds' own code makes of docker/submit's commands: their command lines with loopback for a cloud, Google's messages."""

import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from google.cloud.dataproc_v1 import Batch
from google.protobuf.json_format import MessageToDict, ParseDict
from loopback_aws import loopback_aws

PROJECT = Path(__file__).parent.parent.parent
CRAWL = ("--", "--dump", "CC-MAIN-YYYY-WW", "--input", "CC-MAIN-YYYY-WW")
ROLE = "arn:aws:iam::123456789012:role/gristmill"
GCLOUD = pytest.mark.skipif(shutil.which("gcloud") is None, reason="no gcloud on the PATH")
KEYS = {"AWS_ACCESS_KEY_ID": "AK", "AWS_SECRET_ACCESS_KEY": "SK", "AWS_DEFAULT_REGION": "us-east-1"}


def definition(name: str) -> Any:
    """Return a job definition of docker/jobs."""
    return json.loads((PROJECT / "docker" / "jobs" / f"{name}.json").read_text("utf-8"))


def submitting(target: str, *words: str, scheme: str = "s3") -> list[str]:
    """Return the last command of a dry run, the one that submits, for what docker/jobs holds."""
    place = ("--artifacts", f"{scheme}://BUCKET/gristmill", "--root", f"{scheme}://BUCKET/fineweb/CC-MAIN-YYYY-WW")
    plan = [sys.executable, "docker/submit", target, "conf/fineweb.toml", *place, *words, "--dry-run", *CRAWL]
    printed = subprocess.run(plan, cwd=PROJECT, capture_output=True, text=True, check=True).stdout
    command = shlex.split(printed)
    return command[max(place for place, word in enumerate(command) if word in ("aws", "gcloud")) :]


def aws(command: list[str], *, url: str) -> None:
    """Run AWS's command line with loopback for AWS."""
    program = shutil.which("aws", path=str(Path(sys.executable).parent))
    assert program is not None
    environment = os.environ | KEYS | {"AWS_ENDPOINT_URL": url}
    done = subprocess.run([program, *command[1:]], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_awss_command_line_sends_the_job_run_as_it_is_written() -> None:
    with loopback_aws() as cloud:
        aws(submitting("emr-serverless", "--application", "00abc", "--role", ROLE), url=cloud.url)
        (sent,) = cloud.bodies("POST", "/applications/00abc/jobruns")
    del sent["clientToken"]
    assert sent.pop("executionRoleArn") == ROLE
    assert sent | {"applicationId": "APPLICATION_ID", "executionRoleArn": "ROLE_ARN"} == definition("emr-serverless")


def test_awss_command_line_sends_the_step_that_the_api_wants() -> None:
    with loopback_aws() as cloud:
        aws(submitting("emr", "--cluster", "j-1"), url=cloud.url)
        (sent,) = [body for body in cloud.bodies("POST", "/") if "Steps" in body]  # it asks about the cluster first
    assert sent == {"JobFlowId": "j-1", "Steps": definition("emr")}


def test_googles_own_message_takes_the_batch() -> None:
    batch = definition("dataproc")
    message = ParseDict(batch, Batch.pb()())  # raises ParseError for a name that the API does not know
    assert MessageToDict(message) == batch


def gcloud(command: list[str], folder: Path) -> Any:
    """Run gcloud with loopback for Google Cloud, and return what it submits."""
    (folder / "token").write_text("x", "utf-8")
    with loopback_aws() as cloud:
        settings = {
            "CLOUDSDK_CONFIG": str(folder),
            "CLOUDSDK_CORE_PROJECT": "p",
            "CLOUDSDK_CORE_DISABLE_PROMPTS": "1",
            "CLOUDSDK_AUTH_ACCESS_TOKEN_FILE": str(folder / "token"),
            "CLOUDSDK_API_ENDPOINT_OVERRIDES_DATAPROC": f"{cloud.url}/",
        }
        done = subprocess.run(command, env=os.environ | settings, capture_output=True, text=True, timeout=300)
        posted = [json.loads(body) for method, _, body in cloud.asked if method == "POST"]
    assert len(posted) == 1, done.stderr
    return posted[0]


@GCLOUD
def test_gcloud_sends_the_batch_as_it_is_written(tmp_path: Path) -> None:
    command = submitting("dataproc", "--region", "REGION", "--image", "IMAGE", scheme="gs")
    assert gcloud(command, tmp_path) == definition("dataproc")


@GCLOUD
def test_gcloud_sends_a_job_with_the_archive_to_a_cluster(tmp_path: Path) -> None:
    job = gcloud(submitting("dataproc", "--region", "REGION", "--cluster", "c", scheme="gs"), tmp_path)["job"]["pysparkJob"]
    batch = definition("dataproc")
    (archive,) = job.pop("archiveUris")
    assert archive.endswith("-x86_64.tar.gz#environment")
    ours = {"spark.submit.deployMode": "cluster", "spark.pyspark.python": "./environment/bin/python"}
    assert job.pop("properties") == batch["runtimeConfig"]["properties"] | ours
    assert {key: value for key, value in job.items() if key != "loggingConfig"} == batch["pysparkBatch"]
