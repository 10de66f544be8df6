"""Submits a run to EMR Serverless, EMR, Dataproc or a standalone cluster; --dry-run prints the same commands instead.

    docker/submit emr-serverless conf/fineweb.toml --root s3://my-bucket/fineweb --dry-run -- --dump CC-MAIN-2026-47

What stands after -- is given to `gristmill run`. The options with a capital argument may come from the environment: --role is
GRISTMILL_ROLE. Run it in the checkout; it needs no package, only what `make dist` made and the cloud's own command line.
"""

import argparse
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from docker.job import (
    DATAPROC_RUNTIME,
    PROJECT,
    VERSION,
    Job,
    SubmitError,
    conf_options,
    dataproc_batch,
    emr_steps,
    serverless_run,
)

PYTHON = "./environment/bin/python"  # in the archive, where Spark unpacks it
IN_IMAGE = "/opt/gristmill/bin/python"  # where docker/Dockerfile puts the same packages
SERVERLESS_PYTHON = (
    "spark.emr-serverless.driverEnv.PYSPARK_DRIVER_PYTHON",
    "spark.emr-serverless.driverEnv.PYSPARK_PYTHON",
    "spark.executorEnv.PYSPARK_PYTHON",
)
OPTIONS = {
    "artifacts": "folder that the job's files are uploaded to, such as s3://my-bucket/gristmill or gs://my-bucket/gristmill",
    "application": "id of an EMR Serverless application; `aws emr-serverless list-applications` lists them",
    "role": "ARN of the role that the job runs as; it reads the input and reads and writes the root",
    "cluster": "id of an EMR cluster (`aws emr list-clusters --active`), or name of a Dataproc cluster",
    "region": "region of Dataproc, such as us-central1",
    "image": "image with the packages, made by docker/Dockerfile: no archive is sent. EMR Serverless has it from its application",
    "master": "a standalone cluster, such as spark://host:7077",
}
NEEDED = {
    "dataproc": ("artifacts", "region"),
    "emr": ("artifacts", "cluster"),
    "emr-serverless": ("artifacts", "application", "role"),
    "standalone": ("master",),
}
INSTALL = {
    "aws": "It is AWS's command line: pip install awscli",
    "gcloud": "It is Google Cloud's command line: https://cloud.google.com/sdk/docs/install",
    "spark-submit": "It comes with Spark; take the cluster's version: pip install pyspark==4.1.*",
}

Command = tuple[str, ...]


def plan(target: str, job: Job, options: dict[str, str]) -> tuple[Any, list[Command]]:
    """Return the job definition of a target (a standalone cluster has none) and the commands that upload and submit it."""
    match target:
        case "emr-serverless":
            run = serverless_run(job, application=options["application"], role=options["role"])
            start = ("aws", "emr-serverless", "start-job-run", "--cli-input-json", json.dumps(run, indent=1))
            return run, [*uploads(job, "aws", "s3", "cp"), start]
        case "emr":
            steps = emr_steps(job)
            add = (
                "aws",
                "emr",
                "add-steps",
                "--cluster-id",
                options["cluster"],
                "--steps",
                json.dumps(_for_cli(steps), indent=1),
            )
            return steps, [*uploads(job, "aws", "s3", "cp"), add]
        case "dataproc":
            submit = dataproc(job, region=options["region"], cluster=options["cluster"], image=options["image"])
            return dataproc_batch(job, image=options["image"]), [*uploads(job, "gcloud", "storage", "cp"), submit]
        case _:
            return None, standalone(job, master=options["master"])


def uploads(job: Job, *copy: str) -> list[Command]:
    """Return one copy command for each file that the job needs."""
    return [(*copy, str(path), job.there(path)) for path in job.needed()]


def _for_cli(steps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return steps as AWS's command line names their parts, which the API names otherwise."""
    return [
        {"Type": "CUSTOM_JAR", "Name": s["Name"], "ActionOnFailure": s["ActionOnFailure"], **s["HadoopJarStep"]} for s in steps
    ]


def dataproc(job: Job, *, region: str, cluster: str, image: str) -> Command:
    """Return the command for a Dataproc cluster, or without one for a batch in our image."""
    if cluster:
        kind, where = "jobs", ("--cluster", cluster, "--region", region, *job.archives())
    else:
        kind, where = "batches", ("--region", region, "--version", DATAPROC_RUNTIME, "--container-image", image)
    sent = ("--py-files", job.there(job.code), "--files", ",".join(map(job.there, job.files)))
    # gcloud parts a list at commas unless it is told another character, and a setting's value may hold commas
    settings = ("--properties", "^;^" + ";".join(f"{key}={value}" for key, value in job.settings.items()))
    submit = ("gcloud", "dataproc", kind, "submit", "pyspark", job.there(job.main))
    return (*submit, *where, *sent, *settings, "--", *job.arguments)


def standalone(job: Job, *, master: str) -> list[Command]:
    """Return the commands for Spark's own cluster manager: the driver runs here, in the packages that the executors get."""
    folder = job.dist / "environment"
    settings = job.settings | {"spark.pyspark.driver.python": f"{folder}/bin/python"}
    shipped = ("--py-files", str(job.code), *job.archives())
    return [
        ("rm", "-rf", str(folder)),
        ("mkdir", "-p", str(folder)),
        ("tar", "-xzf", str(job.archive), "-C", str(folder)),
        (
            "spark-submit",
            "--master",
            master,
            *shipped,
            *conf_options(settings),
            str(job.main),
            "run",
            str(job.recipe),
            *job.rest(),
        ),
    ]


def settings(target: str, *, python: str, cluster: str) -> dict[str, str]:
    """Return conf/spark's settings for a target, where there are any, and those that say which Python runs."""
    file = PROJECT / "conf" / "spark" / f"{target}.conf"
    lines = file.read_text("utf-8").splitlines() if file.is_file() else []
    told = [line.strip() for line in lines if line.strip() and not line.strip().startswith("#")]
    stored = dict(re.split(r"\s*[=\s]\s*", line, maxsplit=1) for line in told)
    if target == "emr-serverless":
        return stored | dict.fromkeys(SERVERLESS_PYTHON, python)
    if target == "dataproc" and cluster:  # with its driver in YARN too, where the archive is unpacked
        stored |= {"spark.submit.deployMode": "cluster"}
    return stored | {"spark.pyspark.python": python}


def options_of(target: str, given: dict[str, Any]) -> dict[str, str]:
    """Return a target's options, from the command line or else the environment.

    Raises SubmitError naming the first that is missing, and what it is.
    """
    found = {name: given[name] or os.environ.get(f"GRISTMILL_{name.upper()}", "") for name in OPTIONS}
    either = ("image",) if target == "dataproc" and not found["cluster"] else ()
    for name in (*NEEDED[target], *either):
        if not found[name]:
            instead = ", or --cluster for a cluster of your own" if either and name == "image" else ""
            raise SubmitError(
                f"--{name} is missing, so nothing was submitted: {OPTIONS[name]}. "
                f"Give it{instead}, or set GRISTMILL_{name.upper()}"
            )
    return found


def job_of(chosen: argparse.Namespace, run_options: list[str], options: dict[str, str]) -> Job:
    """Put the job together from the command line; raises SubmitError for a --conf that is no setting."""
    for pair in chosen.conf:
        if "=" not in pair:
            raise SubmitError(f"--conf {pair} is no setting, so nothing was submitted: write it as KEY=VALUE")
    target, cluster = chosen.target, options["cluster"]
    in_image = bool(options["image"]) and (target == "emr-serverless" or (target == "dataproc" and not cluster))
    packed = chosen.archive or chosen.dist / f"gristmill-env-{VERSION}-py3.11-x86_64.tar.gz"
    stored = settings(target, python=IN_IMAGE if in_image else PYTHON, cluster=cluster)
    return Job(
        recipe=chosen.recipe,
        root=chosen.root,
        run_options=tuple(run_options),
        settings=stored | dict(pair.split("=", 1) for pair in chosen.conf),
        dist=chosen.dist,
        archive=None if in_image else packed,
        place="" if target == "standalone" else options["artifacts"].rstrip("/"),
    )


def submit(commands: list[Command], *, needed: tuple[Path, ...]) -> int:
    """Run the commands in order up to the first that fails, and return its exit code.

    Raises SubmitError, before any is run, for a file or a program that is not there.
    """
    for path in needed:
        if not path.is_file():
            how = "`gristmill models fetch RECIPE` fetches it" if path.parent.name == "models" else "`make dist` makes it"
            raise SubmitError(f"{path} is not there and the job could not start without it, so nothing was submitted. {how}")
    for program in {command[0]: None for command in commands}:
        if shutil.which(program) is None:
            how = INSTALL.get(program, "")
            raise SubmitError(f"{program} is not on the PATH, so nothing was submitted. {how}; --dry-run does without it")
    for command in commands:
        print(f"+ {shlex.join(command)}", file=sys.stderr, flush=True)
        if code := subprocess.run(command, check=False).returncode:
            return code
    return 0


def parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    made = argparse.ArgumentParser(
        prog="docker/submit", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument("target", choices=sorted(NEEDED))
    made.add_argument("recipe", type=Path, help="a recipe on this machine, such as conf/fineweb.toml")
    made.add_argument("--root", required=True, help="where the run is kept, such as s3://my-bucket/fineweb")
    made.add_argument("--dry-run", action="store_true", help="print the commands and run none")
    made.add_argument("--json", action="store_true", help="print the job definition alone, as docker/jobs has it")
    made.add_argument("--conf", action="append", default=[], metavar="KEY=VALUE", help="a Spark setting, above conf/spark's")
    made.add_argument("--dist", type=Path, default=Path("dist"), help="the folder that `make dist` filled")
    made.add_argument("--archive", type=Path, help="the environment archive; without it the one in dist for x86_64")
    for name, meaning in OPTIONS.items():
        made.add_argument(f"--{name}", help=meaning)
    return made


def main(words: list[str]) -> int:
    """Submit a run, or print what would be done; return the exit code of the first command that fails."""
    split = words.index("--") if "--" in words else len(words)
    chosen = parser().parse_args(words[:split])
    try:
        options = options_of(chosen.target, vars(chosen))
        job = job_of(chosen, words[split + 1 :], options)
        definition, commands = plan(chosen.target, job, options)
        if chosen.json and definition is None:
            raise SubmitError("--json: a standalone cluster takes no job definition. --dry-run prints its commands")
        if not chosen.json and not chosen.dry_run:
            return submit(commands, needed=job.needed())
    except SubmitError as error:
        print(f"docker/submit: {error}", file=sys.stderr)
        return 2
    print(json.dumps(definition, indent=2) if chosen.json else "\n".join(map(shlex.join, commands)))
    return 0
