"""The Batch format: requests as providers take them, and responses that find their way back."""

import json

import pytest

from tests.endpoint.asking import question
from tests.endpoint.stub_server import completion
from udfs.endpoint.batch_file import BatchError, request_line, response_of
from udfs.endpoint.chat import Trouble
from udfs.endpoint.question import Answer

PLACE = "0123456789ab"


def response(line: str, **others: object) -> str:
    """Answer a request as a provider's output file does."""
    request = json.loads(line)
    done = {"status_code": 200, "request_id": "r", "body": json.loads(completion(request["body"], text="Said."))}
    return json.dumps({"id": "batch_req_1", "custom_id": request["custom_id"], "response": done, "error": None, **others})


def test_a_request_line_is_openais_and_its_response_names_place_and_key() -> None:
    line = request_line(PLACE, question("a\u2028page"))
    row = json.loads(line)
    assert (row["method"], row["url"], row["body"]["model"]) == ("POST", "/v1/chat/completions", "small-1b")
    assert len(row["custom_id"]) <= 64 and "\n" not in line
    assert response_of(response(line), model="small-1b") == (
        PLACE,
        question("a\u2028page").key,
        Answer("Said.", "stop", "small-1b", 2, 1),
    )


def test_a_failed_response_is_no_answer() -> None:
    line = request_line(PLACE, question())
    assert isinstance(response_of(response(line, error={"code": "batch_expired"}), model="small-1b")[2], Trouble)
    assert isinstance(response_of(response(line, response={"status_code": 500, "body": None}), model="small-1b")[2], Trouble)
    assert isinstance(response_of(response(line, response=None), model="small-1b")[2], Trouble)
    assert isinstance(response_of(response(line), model="another-7b")[2], Trouble)


@pytest.mark.parametrize("line", ["", "[]", "{}", '{"custom_id": 5}', '{"custom_id": "mine-1"}'])
def test_a_line_of_something_else_is_refused(line: str) -> None:
    with pytest.raises(BatchError):
        response_of(line, model="small-1b")
