"""The job definitions that we ship: what docker/submit prints, what AWS's own models of its services take, and what conf/spark says."""

import json
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.validate import ParamValidator

from docker.job import LANGUAGE_MODEL, models
from docker.state_machine import state_machine
from docker.submission import settings
from jobs.annotate.settings import Annotate
from tests.docker.submitting import AFTER, TO, make_folder, printed

PROJECT = Path(__file__).parents[2]
TEMPLATES = {  # how docker/jobs was made
    "emr-serverless": ("s3", "--application", "APPLICATION_ID", "--role", "ROLE_ARN"),
    "emr": ("s3", "--cluster", "CLUSTER_ID"),
    "dataproc": ("gs", "--region", "REGION", "--image", "IMAGE"),
}


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    make_folder(tmp_path, monkeypatch)
    return tmp_path


@pytest.mark.parametrize("target", sorted(TEMPLATES))
def test_the_job_definitions_are_what_submit_prints(target: str, capsys: pytest.CaptureFixture[str]) -> None:
    """If this fails, `make job-definitions` writes them anew."""
    scheme, *options = TEMPLATES[target]
    place = ("--artifacts", f"{scheme}://BUCKET/gristmill", "--root", f"{scheme}://BUCKET/fineweb/CC-MAIN-YYYY-WW")
    crawl = ("--", "--dump", "CC-MAIN-YYYY-WW", "--input", "CC-MAIN-YYYY-WW")
    out = printed(capsys, target, "conf/fineweb.toml", "--json", *place, *options, *crawl)
    assert (PROJECT / "docker" / "jobs" / f"{target}.json").read_text("utf-8") == out


def wrong_for(service: str, operation: str, parameters: dict[str, Any]) -> str:
    """Return what AWS's own model of a service finds wrong with a request."""
    model = botocore.session.get_session().get_service_model(service)
    shape = model.operation_model(operation).input_shape
    assert shape is not None
    report: str = ParamValidator().validate(parameters, shape).generate_report()
    return report


def test_awss_models_of_its_services_take_the_job_definitions(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = json.loads(printed(capsys, "emr-serverless", "r.toml", *TO["emr-serverless"], "--json", *AFTER))
    assert wrong_for("emr-serverless", "StartJobRun", run | {"clientToken": "t"}) == ""
    assert "Unknown parameter" in wrong_for("emr-serverless", "StartJobRun", run | {"clientToken": "t", "image": "x"})
    steps = json.loads(printed(capsys, "emr", "r.toml", *TO["emr"], "--json", *AFTER))
    assert wrong_for("emr", "AddJobFlowSteps", {"JobFlowId": "j-1", "Steps": steps}) == ""


def test_the_state_machine_starts_the_same_job_run_and_leads_to_an_end_from_everywhere() -> None:
    """If this fails, `make job-definitions` writes it anew."""
    run = json.loads((PROJECT / "docker" / "jobs" / "emr-serverless.json").read_text("utf-8"))
    machine = json.loads((PROJECT / "docker" / "jobs" / "state-machine.json").read_text("utf-8"))
    assert machine == state_machine(run)
    states = machine["States"]
    follow = {
        name: {
            state.get("Next"),
            state.get("Default"),
            *(other["Next"] for key in ("Catch", "Choices") for other in state.get(key, ())),
        }
        - {None}
        for name, state in states.items()
    }
    assert follow == {
        "Run": {"Report"},
        "Report": {"Verdict"},
        "Verdict": {"Complete", "Alarm"},
        "Complete": set(),
        "Alarm": {"NotComplete"},
        "NotComplete": set(),
    }
    sent = small(states["Run"]["Parameters"])
    crawl = "States.Format('CC-MAIN-2026-47', $.dump)".replace("CC-MAIN-2026-47", "{}")
    assert sent["jobDriver"]["sparkSubmit"].pop("entryPointArguments.$") == (
        f"States.Array('run', 'fineweb.toml', '--root', States.Format('s3://BUCKET/fineweb/{{}}', $.dump), '--dump', {crawl}, '--input', {crawl})"
    )
    del run["jobDriver"]["sparkSubmit"]["entryPointArguments"]
    assert sent == run


def small(value: Any) -> Any:
    """Return parameters as the API names them, with a small first letter, but for the keys of settings."""
    if isinstance(value, list):
        return [small(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {key[0].lower() + key[1:]: inner if key == "Properties" else small(inner) for key, inner in value.items()}


@pytest.mark.parametrize("file", sorted((PROJECT / "conf" / "spark").glob("*.conf")), ids=lambda file: file.stem)
def test_the_settings_of_conf_reach_the_job(file: Path) -> None:
    lines = [line for line in file.read_text("utf-8").splitlines() if line.strip() and not line.startswith("#")]
    found = settings(file.stem, python="p", cluster="")
    assert {line.split()[0] for line in lines} <= set(found)
    assert all(value and key.startswith("spark.") for key, value in found.items())


def test_models_travel_by_their_path_and_those_with_a_location_do_not(tmp_path: Path) -> None:
    recipe = tmp_path / "r.toml"
    recipe.write_text(
        '[annotate]\nlanguage_model = "s3://b/l.bin#sha256=0"\n[[annotate.quality]]\nmodel = "our/q.bin#sha256=0"\n', "utf-8"
    )
    assert models(recipe) == (Path("our/q.bin"),)
    recipe.write_text('[annotate]\nlanguage_model = "lid.176.bin"\n', "utf-8")
    assert models(recipe) == (Path("models/lid.176.bin"),)


def test_the_language_model_that_travels_is_the_recipes_default() -> None:
    assert Annotate().language_model == LANGUAGE_MODEL
