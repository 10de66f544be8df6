"""A run as a cluster is told of it: what is uploaded, what Spark is started with, and the job definition of each service."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parent.parent
VERSION = str(tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["project"]["version"])
DATAPROC_RUNTIME = "3.0"  # of Dataproc's batches, the one with Spark 4
ATTEMPTS = 2  # of EMR Serverless: the same command goes on where it stopped, and reads the files again that could not be read
LANGUAGE_MODEL = "lid.176.ftz"  # the recipe's default


class SubmitError(Exception):
    """Say what keeps a job from being submitted, and what to do about it."""


@dataclass(frozen=True)
class Job:
    """What is the same wherever a run goes: files on this machine, and where they lie once uploaded."""

    recipe: Path
    root: str
    run_options: tuple[str, ...]
    settings: dict[str, str]
    dist: Path
    archive: Path | None  # none: the packages are in the image
    place: str  # folder of the uploads; empty: the files stay where they are

    @property
    def code(self) -> Path:
        """Return the zip for --py-files."""
        return self.dist / f"gristmill-{VERSION}.zip"

    @property
    def main(self) -> Path:
        """Return the file that Spark starts."""
        return self.dist / "main.py"

    @property
    def files(self) -> tuple[Path, ...]:
        """Return the recipe and its models, for the driver's working folder."""
        return (self.recipe, *models(self.recipe))

    @property
    def arguments(self) -> tuple[str, ...]:
        """Return gristmill's command line where the recipe lies in the driver's working folder."""
        return ("run", self.recipe.name, *self.rest())

    def rest(self) -> tuple[str, ...]:
        """Return what follows the recipe in gristmill's command line."""
        return ("--root", self.root, *self.run_options)

    def needed(self) -> tuple[Path, ...]:
        """Return the files that must be here before anything is submitted."""
        return (self.code, *([self.archive] if self.archive else []), self.main, *self.files)

    def there(self, path: Path) -> str:
        """Return where the cluster finds a file."""
        return f"{self.place}/{path.name}" if self.place else str(path)

    def archives(self) -> tuple[str, ...]:
        """Return the option that has Spark unpack the packages in every working folder."""
        return ("--archives", f"{self.there(self.archive)}#environment") if self.archive else ()

    def shipped(self) -> tuple[str, ...]:
        """Return spark-submit's options for code, packages and files."""
        return ("--py-files", self.there(self.code), *self.archives(), "--files", ",".join(map(self.there, self.files)))


def models(recipe: Path) -> tuple[Path, ...]:
    """Return the model files that a recipe names; the driver itself fetches those that have a location.

    Raises SubmitError if there is no such recipe.
    """
    try:
        annotate = tomllib.loads(recipe.read_text("utf-8")).get("annotate", {})
    except (OSError, ValueError) as error:
        raise SubmitError(
            f"{recipe} cannot be read as a recipe ({error}); nothing was submitted. Name one, such as conf/fineweb.toml"
        ) from error
    names = [annotate.get("language_model", LANGUAGE_MODEL), *(one.get("model") for one in annotate.get("quality", ()))]
    plain = [name.partition("#sha256=")[0] for name in names if name and "://" not in name]
    return tuple(Path(name) if "/" in name else Path("models", name) for name in plain)


def conf_options(settings: dict[str, str]) -> tuple[str, ...]:
    """Return settings as spark-submit takes them."""
    return tuple(word for key, value in settings.items() for word in ("--conf", f"{key}={value}"))


def serverless_run(job: Job, *, application: str, role: str) -> dict[str, Any]:
    """Return the input of EMR Serverless's StartJobRun; settings go as a classification, where nothing needs quoting.

    Raises SubmitError for a file whose name would need it: the service parts the parameters at blanks.
    """
    shipped = job.shipped()
    blank = next((word for word in shipped if any(map(str.isspace, word))), None)
    if blank is not None:
        raise SubmitError(
            f"{blank!r} holds a blank, where EMR Serverless parts its parameters, so nothing was submitted. Rename the file"
        )
    spark = {
        "entryPoint": job.there(job.main),
        "entryPointArguments": list(job.arguments),
        "sparkSubmitParameters": " ".join(shipped),
    }
    return {
        "name": f"gristmill {job.recipe.stem}",
        "applicationId": application,
        "executionRoleArn": role,
        "jobDriver": {"sparkSubmit": spark},
        "retryPolicy": {"maxAttempts": ATTEMPTS},
        "configurationOverrides": {
            "applicationConfiguration": [{"classification": "spark-defaults", "properties": job.settings}],
            "monitoringConfiguration": {"s3MonitoringConfiguration": {"logUri": f"{job.place}/logs/"}},
        },
    }


def emr_steps(job: Job) -> list[dict[str, Any]]:
    """Return the Steps of EMR's AddJobFlowSteps: one, that runs spark-submit with the driver inside YARN."""
    submit = ("spark-submit", "--deploy-mode", "cluster", *job.shipped(), *conf_options(job.settings))
    return [
        {
            "Name": f"gristmill {job.recipe.stem}",
            "ActionOnFailure": "CONTINUE",
            "HadoopJarStep": {"Jar": "command-runner.jar", "Args": [*submit, job.there(job.main), *job.arguments]},
        }
    ]


def dataproc_batch(job: Job, *, image: str) -> dict[str, Any]:
    """Return the Batch of Dataproc's serverless API."""
    return {
        "pysparkBatch": {
            "mainPythonFileUri": job.there(job.main),
            "args": list(job.arguments),
            "pythonFileUris": [job.there(job.code)],
            "fileUris": [job.there(path) for path in job.files],
        },
        "runtimeConfig": {"version": DATAPROC_RUNTIME, "containerImage": image, "properties": job.settings},
    }
