"""The client: every fault of a server ends in an answer or a reason, and no question is asked for ever."""

import json
import random
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.endpoint.asking import QUICK, ask, ask_all, question
from tests.endpoint.stub_server import CUT, STALL, Behave, Reply, answers, completion, serving
from udfs.endpoint.client import KeyMissing, api_key
from udfs.endpoint.question import Answer, Failure

OVERFLOW = (
    b'{"error": {"code": 400, "message": "too long", "type": "exceed_context_size_error"}}',
    b'{"error": {"message": "too long", "code": "context_length_exceeded"}}',
    b"""{"object": "error", "message": "This model's maximum context length is 8192 tokens."}""",
)


def first(reply: Reply, count: int = 1) -> Behave:
    """Answer the first requests in one way, and all later ones rightly."""
    return lambda request, number: reply if number < count else answers(request, number)


def test_an_answer_is_what_the_server_said() -> None:
    with serving(lambda request, number: (200, {}, completion(request, text="Said.", finish="length"))) as stub:
        assert ask(stub.url) == Answer("Said.", "length", "small-1b", 2, 1)


@pytest.mark.parametrize("finish", ["length", "content_filter"])
def test_an_answer_that_ended_before_any_text_is_empty_and_not_paid_again(finish: str) -> None:
    usage = b'"usage": {"prompt_tokens": 9, "completion_tokens": 50}'
    body = b'{"choices": [{"message": {"content": null}, "finish_reason": "%b"}], %b}' % (finish.encode(), usage)
    with serving(lambda request, number: (200, {}, body)) as stub:
        assert ask(stub.url) == Answer("", finish, "small-1b", 9, 50)
        assert stub.requests == 1


@pytest.mark.parametrize(
    "fault",
    [(429, {"Retry-After": "0"}, b""), (503, {}, b""), (500, {}, b"oops"), None, (CUT, {}, b'{"model": "small-1b"}'), (200, {}, b"<html>"),
     (200, {}, b'{"choices": []}'), (200, {}, b'{"model": "small-1b", "choices": [{"message": {"content": null}}]}')],
    ids=["put off", "busy", "error", "reset", "cut off", "garbage", "no choice", "no text"],
)  # fmt: skip
def test_a_fault_that_passes_costs_another_attempt(fault: Reply) -> None:
    with serving(first(fault, 2)) as stub:
        assert isinstance(ask(stub.url), Answer)
        assert (stub.requests, stub.completed - (fault is not None and fault[0] == 200) * 2) == (3, 1)


def test_an_answer_that_never_comes_is_asked_for_again() -> None:
    with serving(first(STALL)) as stub:
        assert isinstance(ask(stub.url, patience=replace(QUICK, answer_s=0.3)), Answer)
        assert stub.requests == 2


def test_an_answer_in_chunks_is_read_whole() -> None:
    def chunked(request: dict[str, object], number: int) -> Reply:
        body = completion(request)
        parts = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in (body[:7], body[7:])) + b"0\r\n\r\n"
        return 200, {"Transfer-Encoding": "chunked"}, parts

    with serving(chunked) as stub:
        assert isinstance(ask(stub.url), Answer)


def test_a_request_that_fails_while_others_are_answered_is_given_up() -> None:
    def poison(request: dict[str, object], number: int) -> Reply:
        return (500, {}, b"") if "poison" in json.dumps(request) else answers(request, number)

    with serving(poison) as stub:
        found, _ = ask_all([stub.url], [question("poison"), *(question(f"page {n}") for n in range(50))])
        assert found[0] == Failure("no_answer", "the server answers 500, the last of 6 attempts") and found[0].lasting
        assert all(isinstance(one, Answer) for one in found[1:])


def test_a_request_that_is_alone_is_told_from_a_lost_server_by_another_one() -> None:
    """What is wrong with the last request of a file would else be asked by every run for ever."""
    with serving(
        lambda request, number: (500, {}, b"") if "poison" in json.dumps(request) else answers(request, number)
    ) as stub:
        found = ask(stub.url, question("poison"))
        assert isinstance(found, Failure) and found.lasting and (stub.requests, stub.completed) == (7, 1)


def test_a_server_that_dies_under_its_requests_loses_them_for_now_alone() -> None:
    with serving(lambda request, number: answers(request, number) if number < 20 else (500, {}, b"")) as stub:
        asked = [question(f"page {n}") for n in range(60)]
        found, _ = ask_all([stub.url], asked, patience=replace(QUICK, server_s=1.0), concurrency=16)
        failures = {one.reason for one in found if isinstance(one, Failure)}
        assert failures == {"no_server"} and sum(isinstance(one, Answer) for one in found) == 20


def test_a_server_that_answers_nobody_loses_all_questions_but_not_for_good() -> None:
    with serving(lambda request, number: (500, {}, b"")) as stub:
        found = ask(stub.url, patience=replace(QUICK, server_s=0.2))
        assert isinstance(found, Failure) and (found.reason, found.lasting) == ("no_server", False)
        assert found.what == f"no server answers ({stub.url}: the server answers 500)"


def test_a_server_that_is_not_there_ends_in_the_same_way_and_names_the_fault() -> None:
    with serving() as stub:
        url = stub.url
    found = ask(url, patience=replace(QUICK, server_s=0.2))
    assert isinstance(found, Failure) and found.reason == "no_server" and url in found.what and "no connection" in found.what


def test_one_lost_server_of_two_costs_no_answer() -> None:
    with serving() as gone:
        lost = gone.url
    with serving() as stub:
        found, client = ask_all([lost, stub.url], [question(f"page {n}") for n in range(100)])
        assert all(isinstance(one, Answer) for one in found) and stub.completed == 100
        assert client.servers.all[0].answers == 0


@pytest.mark.parametrize(
    ("reply", "said"),
    [((401, {}, b""), "refuses the key"), ((404, {}, b""), "does it have the model"), ((301, {}, b""), "is its URL right")],
)
def test_a_server_that_refuses_everybody_is_not_asked_twice(reply: Reply, said: str) -> None:
    with serving(lambda request, number: reply) as wrong, serving() as right:
        found, _ = ask_all([wrong.url, right.url], [question(f"page {n}") for n in range(40)], concurrency=2)
        assert all(isinstance(one, Answer) for one in found) and wrong.requests == 1
        alone = ask(wrong.url)
        assert isinstance(alone, Failure) and alone.reason == "no_server" and said in alone.what


def test_an_answer_by_another_model_is_none() -> None:
    with serving(lambda request, number: (200, {}, completion(request, model="tiny-0b"))) as stub:
        found = ask(stub.url)
        assert isinstance(found, Failure) and not found.lasting and "'tiny-0b'" in found.what and stub.requests == 1


@pytest.mark.parametrize("body", OVERFLOW)
def test_a_prompt_that_is_too_long_is_told_from_other_refusals(body: bytes) -> None:
    with serving(lambda request, number: (400, {}, body)) as stub:
        found = ask(stub.url)
        assert isinstance(found, Failure) and found.reason == "context_overflow" and stub.requests == 1


def test_a_refused_request_is_asked_once_and_says_why() -> None:
    with serving(lambda request, number: (422, {}, b'{"error": {"message": "no such parameter"}}')) as stub:
        assert ask(stub.url) == Failure("refused_request", "the server answers 422: no such parameter")
        assert stub.requests == 1


def test_a_fifth_of_faults_changes_no_answer() -> None:
    faults = [(429, {"Retry-After": "0"}, b""), (500, {}, b""), None, (CUT, {}, b"{}" * 50), (200, {}, b"garbage"), STALL]

    def faulty(request: dict[str, object], number: int) -> Reply:
        chance = random.Random(number)
        return chance.choice(faults) if chance.random() < 0.2 else answers(request, number)

    asked = [question(f"page {n}") for n in range(300)]
    with serving(faulty) as stub, serving() as sound:
        found, client = ask_all([stub.url], asked, patience=replace(QUICK, answer_s=2.0), concurrency=32)
        assert found == ask_all([sound.url], asked)[0]
        assert sum(client.troubles.values()) == client.sent - 300 > 30


def test_no_server_is_given_more_at_once_than_its_share() -> None:
    with serving(delay_s=0.01) as one, serving(delay_s=0.01) as two:
        ask_all([one.url, two.url], [question(f"page {n}") for n in range(200)], concurrency=20)
        assert (one.most_open, two.most_open) == (10, 10)


def test_a_server_that_puts_requests_off_gets_fewer_at_once() -> None:
    """It takes four at once, and says 429 to the fifth."""
    stub_of: list[Callable[[], int]] = []

    def narrow(request: dict[str, object], number: int) -> Reply:
        return answers(request, number) if stub_of[0]() <= 4 else (429, {}, b"")

    with serving(narrow, delay_s=0.02) as stub:
        stub_of.append(lambda: stub.open)
        found, client = ask_all([stub.url], [question(f"page {n}") for n in range(200)], concurrency=64)
        assert all(isinstance(one, Answer) for one in found)
        assert (
            client.servers.all[0].pressure.least <= 4 and client.troubles["busy"] < 1000
        )  # unbounded, each round refuses sixty


def test_the_key_is_sent_and_stands_in_no_error_even_if_the_server_quotes_it() -> None:
    key = "sk-secret-123456"
    with serving(lambda request, number: (400, {}, f'{{"error": {{"message": "bad key {key}"}}}}'.encode())) as stub:
        found = ask(stub.url, key=key)
        assert f"Authorization: Bearer {key}" in stub.heads[0]
        assert found == Failure("refused_request", "the server answers 400: bad key ***")
    told = f"{'x' * 190} {key}"  # of which the start alone is shown
    with serving(lambda request, number: (400, {}, f'{{"error": {{"message": "{told}"}}}}'.encode())) as stub:
        assert "sk-" not in str(ask(stub.url, key=key))
    with serving(lambda request, number: (401, {}, key.encode())) as stub:
        assert key not in str(ask(stub.url, key=key))
    with pytest.raises(KeyMissing, match="THE_KEY is empty") as missing:
        api_key("THE_KEY", {"OTHER": key})
    with pytest.raises(KeyMissing) as odd:
        api_key("THE_KEY", {"THE_KEY": f"{key}\nX-Header: 1"})
    assert key not in str(missing.value) + str(odd.value)
