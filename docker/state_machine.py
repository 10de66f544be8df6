"""Turns EMR Serverless's job definition into a Step Functions state machine: runs it, reads run.json, and alarms unless all is well.

    python3 -m docker.state_machine < docker/jobs/emr-serverless.json > docker/jobs/state-machine.json

Its input names the crawl: {"dump": "CC-MAIN-2026-47"}.
"""

import json
import sys
from typing import Any

CRAWL = "CC-MAIN-YYYY-WW"
RUN_JSON = "$.report.run"


def state_machine(run: dict[str, Any]) -> dict[str, Any]:
    """Return a state machine, in Amazon States Language, around the input of StartJobRun."""
    spark = run["jobDriver"]["sparkSubmit"]
    arguments: list[str] = spark["entryPointArguments"]
    bucket, _, key = arguments[arguments.index("--root") + 1].removeprefix("s3://").partition("/")
    parameters = _capital(run)
    del parameters["JobDriver"]["SparkSubmit"]["EntryPointArguments"]
    parameters["JobDriver"]["SparkSubmit"]["EntryPointArguments.$"] = f"States.Array({', '.join(map(_with_crawl, arguments))})"
    read = {"Bucket": bucket, "Key.$": _with_crawl(f"{key}/run.json")}
    message = f"States.Format('gristmill {{}}: exit code {{}}, {{}}', $.dump, States.JsonToString({RUN_JSON}.exit_code), {RUN_JSON}.meaning)"
    return {
        "Comment": 'Runs gristmill on one crawl; input {"dump": "CC-MAIN-2026-47"}',
        "StartAt": "Run",
        "States": {
            "Run": {
                "Type": "Task",
                "Resource": "arn:aws:states:::emr-serverless:startJobRun.sync",
                "Parameters": parameters,
                "ResultPath": "$.job",
                "Catch": [{"ErrorEquals": ["States.TaskFailed"], "ResultPath": "$.job", "Next": "Report"}],
                "Next": "Report",
            },
            "Report": {
                "Type": "Task",
                "Resource": "arn:aws:states:::aws-sdk:s3:getObject",
                "Parameters": read,
                "ResultSelector": {"run.$": "States.StringToJson($.Body)"},
                "ResultPath": "$.report",
                "Next": "Verdict",
            },
            "Verdict": {
                "Type": "Choice",
                "Choices": [
                    {
                        "And": [
                            {"Variable": f"{RUN_JSON}.exit_code", "IsNumeric": True},
                            {"Variable": f"{RUN_JSON}.exit_code", "NumericEquals": 0},
                        ],
                        "Next": "Complete",
                    }
                ],
                "Default": "Alarm",
            },
            "Complete": {"Type": "Succeed"},
            "Alarm": {
                "Type": "Task",
                "Resource": "arn:aws:states:::sns:publish",
                "Parameters": {"TopicArn": "TOPIC_ARN", "Message.$": message},
                "Next": "NotComplete",
            },
            "NotComplete": {"Type": "Fail", "Error": "gristmill", "Cause": "run.json says why"},
        },
    }


def _with_crawl(text: str) -> str:
    """Return an expression for a text in which the input's dump stands in the place of the crawl."""
    return f"States.Format('{text.replace(CRAWL, '{}')}', $.dump)" if CRAWL in text else f"'{text}'"


def _capital(value: Any) -> Any:
    """Name parameters as Step Functions does, with a capital; the keys of settings are not ours to name."""
    if isinstance(value, list):
        return [_capital(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {key[0].upper() + key[1:]: inner if key == "properties" else _capital(inner) for key, inner in value.items()}


if __name__ == "__main__":
    print(json.dumps(state_machine(json.load(sys.stdin)), indent=2))
