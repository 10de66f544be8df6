"""The worker: documents in, rephrases out, every answer kept and none asked for twice."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.endpoint.asking import QUICK
from tests.endpoint.stub_server import Reply, answers, completion, serving
from tests.endpoint.test_batch_file import response
from tests.rephrase.working import LISTED, PLAIN, corpus, rephrase, work
from udfs.documents.schema import DOCUMENT_FIELDS
from udfs.endpoint.answers import Answers
from udfs.endpoint.batch_file import response_of
from udfs.endpoint.question import Answer
from udfs.rephrase.questions import CountQuestions, WriteQuestions
from udfs.rephrase.settings import place_of
from udfs.rephrase.worker import RephraseFiles

PAGES = [f"Page {n} says that the mill of town {n} ground {n} sacks a day." for n in range(12)]


def test_the_copies_of_a_document_are_cut_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cut: list[str] = []

    def whole(text: str, most: int) -> list[str]:
        cut.append(text)
        return [text]

    monkeypatch.setattr("udfs.rephrase.style.segments", whole)
    with serving() as stub:
        documents, _ = rephrase(corpus(tmp_path / "a.jsonl", PAGES), work(stub.url, tmp_path, PLAIN, LISTED))
    assert (len(documents), cut) == (3 * len(PAGES), PAGES)


def test_a_rephrase_names_its_parent_style_prompt_model_and_tokens(tmp_path: Path) -> None:
    with serving(lambda request, number: (200, {}, completion(request, text=" Said. ", finish="length"))) as stub:
        documents, file = rephrase(corpus(tmp_path / "a.jsonl", PAGES[:1]), work(stub.url, tmp_path))
    (row,) = documents
    carried = dict(row["carried"])
    assert {name: row[name] for name in ("id", "nth", "text", "url", "host", "dump", "page_language", "outcome")} == {
        "id": "p0#plain.0", "nth": 0, "text": "Said.", "url": None, "host": "example.org", "dump": "D", "page_language": "en", "outcome": "extracted",
    }  # fmt: skip
    assert row["parents"] == [{"root": str(tmp_path), "id": "p0", "start": None, "end": None}]
    assert {name: carried[name] for name in carried if name not in ("parent_text", "instructions", "prompt_sha256")} == {
        "style": "plain", "form": "prose", "prompt": "plain", "parameters": "{}", "model": "small-1b", "finish_reason": "length",
        "tokens_in": "15", "tokens_out": "1", "segments": "1",
    }  # fmt: skip
    assert carried["parent_text"] == PAGES[0] and "Add nothing." in carried["instructions"]
    assert (dict(file["records"]), file["outcome"]) == ({"rephrase": 1, "row": 1}, "read")
    assert set(row) == set(DOCUMENT_FIELDS.names)


def test_styles_and_copies_multiply_and_a_share_takes_the_same_documents_each_time(tmp_path: Path) -> None:
    with serving() as stub:
        planned = corpus(tmp_path / "a.jsonl", PAGES)
        some = work(stub.url, tmp_path, replace(PLAIN, share=0.5), LISTED)
        documents, _ = rephrase(planned, some)
        ids = [row["id"] for row in documents]
        assert [one for one in ids if "#listed" in one] == [f"p{n}#listed.{nth}" for n in range(12) for nth in range(2)]
        plain = [one for one in ids if "#plain" in one]
        assert 2 <= len(plain) <= 10 and len({row["text"] for row in documents}) == len(documents)
        assert [row["id"] for row in rephrase(planned, replace(some, answers=f"{tmp_path}/others"))[0]] == ids
        assert [row["id"] for row in rephrase(planned, replace(some, seed=1))[0]] != ids


def test_what_has_no_text_or_no_style_keeps_its_own_id_and_reason(tmp_path: Path) -> None:
    with serving() as stub:
        planned = corpus(tmp_path / "a.jsonl", ["  ", None, PAGES[0]])
        documents, file = rephrase(planned, work(stub.url, tmp_path, replace(PLAIN, share=1e-9)))
    assert [(row["id"], row["outcome"], row["reason"], row["text"]) for row in documents] == [
        ("p0", "dropped", "empty_text", None), ("p1", "failed", "no_text", None), ("p2", "dropped", "not_chosen", None),
    ]  # fmt: skip
    assert dict(file["records"])["rephrase"] == 3 and stub.requests == 0


def test_a_second_run_asks_nothing_and_gives_the_same_rows(tmp_path: Path) -> None:
    with serving() as stub:
        planned = corpus(tmp_path / "a.jsonl", PAGES)
        first = rephrase(planned, work(stub.url, tmp_path, PLAIN, LISTED))[0]
        assert (stub.completed, rephrase(planned, work(stub.url, tmp_path, PLAIN, LISTED))[0]) == (36, first)
        assert stub.requests == 36
        changed = rephrase(planned, work(stub.url, tmp_path, replace(PLAIN, max_tokens=7), LISTED))[0]
        assert stub.requests == 48 and [r["text"] for r in changed if "#plain" in r["id"]] != [
            r["text"] for r in first if "#plain" in r["id"]
        ]


def test_equal_questions_are_sent_once(tmp_path: Path) -> None:
    with serving(delay_s=0.02) as stub:
        documents, _ = rephrase(corpus(tmp_path / "a.jsonl", [PAGES[0]] * 5), work(stub.url, tmp_path))
        assert len({row["text"] for row in documents}) == 1 and len(documents) == 5 and stub.requests == 1


def test_a_long_page_is_asked_in_segments_and_joined(tmp_path: Path) -> None:
    def shout(request: dict[str, object], number: int) -> Reply:
        page = str(request["messages"][-1]["content"])  # type: ignore[index]
        return 200, {}, completion(request, text=page.partition("<page>")[2].partition("</page>")[0].upper())

    with serving(shout) as stub:
        text = "\n\n".join(PAGES)
        (row,), _ = rephrase(corpus(tmp_path / "a.jsonl", [text]), work(stub.url, tmp_path, replace(PLAIN, segment_tokens=60)))
        assert row["text"] == text.upper() and dict(row["carried"])["segments"] == str(stub.requests) and stub.requests > 3


@pytest.mark.parametrize("shorten", [True, False])
def test_a_segment_beyond_the_context_is_halved_or_fails(tmp_path: Path, shorten: bool) -> None:
    def small(request: dict[str, object], number: int) -> Reply:
        if len(json.dumps(request)) > 700:
            return 400, {}, b'{"error": {"type": "exceed_context_size_error"}}'
        return answers(request, number)

    with serving(small) as stub:
        style = replace(PLAIN, on_overflow="shorten" if shorten else "fail")
        (row,), file = rephrase(corpus(tmp_path / "a.jsonl", ["\n\n".join(PAGES)]), work(stub.url, tmp_path, style))
    if shorten:
        assert row["outcome"] == "extracted" and int(dict(row["carried"])["segments"]) >= 2
    else:
        assert (row["outcome"], row["reason"], row["text"]) == ("failed", "context_overflow", None)
    assert file["outcome"] == "read"  # the page's fault, not the file's


def test_an_empty_answer_is_dropped(tmp_path: Path) -> None:
    with serving(lambda request, number: (200, {}, completion(request, text=" \n"))) as stub:
        (row,), _ = rephrase(corpus(tmp_path / "a.jsonl", PAGES[:1]), work(stub.url, tmp_path))
    assert (row["outcome"], row["reason"]) == ("dropped", "empty_answer")


def test_a_server_that_goes_away_fails_the_file_and_the_next_run_asks_only_the_rest(tmp_path: Path) -> None:
    def weary(request: dict[str, object], number: int) -> Reply:
        return answers(request, number) if number < 5 else (500, {}, b"")

    planned = corpus(tmp_path / "a.jsonl", PAGES)
    with serving(weary) as stub:
        documents, file = rephrase(planned, work(stub.url, tmp_path, patience=replace(QUICK, server_s=0.3)))
        assert (file["outcome"], file["reason"], stub.completed) == ("failed", "unanswered", 5)
        assert "the server answers 500" in file["error"]
        assert {row["reason"] for row in documents if row["outcome"] == "failed"} == {"no_server"}
    with serving() as stub:
        documents, file = rephrase(planned, work(stub.url, tmp_path))
        assert (file["outcome"], stub.completed, {row["outcome"] for row in documents}) == ("read", 7, {"extracted"})


def test_a_budget_is_never_passed_and_the_rest_is_asked_when_there_is_more(tmp_path: Path) -> None:
    planned = corpus(tmp_path / "a.jsonl", PAGES)
    with serving() as stub:
        small = work(stub.url, tmp_path, replace(PLAIN, max_tokens=10))
        _, file = rephrase(planned, small, allowance=120.0)
        lines = [
            json.loads(line)
            for path in (tmp_path / "answers").rglob("*.jsonl")
            for line in path.read_text("utf-8").splitlines()
        ]
        spent = sum(row["tokens_in"] + row["tokens_out"] for row in lines)
        assert (file["outcome"], file["reason"]) == ("failed", "budget") and 0 < len(lines) < 12 and 80 < spent <= 120
        _, file = rephrase(planned, small, allowance=10_000.0)
        assert (file["outcome"], stub.completed) == ("read", 12)


def test_a_budget_holds_where_a_server_gives_no_count_of_tokens(tmp_path: Path) -> None:
    def silent(request: dict[str, object], number: int) -> Reply:
        body = json.loads(completion(request))
        del body["usage"]
        return 200, {}, json.dumps(body).encode()

    with serving(silent) as stub:
        small = work(stub.url, tmp_path, replace(PLAIN, max_tokens=10))
        documents, file = rephrase(corpus(tmp_path / "a.jsonl", PAGES), small, allowance=120.0)
        assert (file["outcome"], file["reason"]) == ("failed", "budget") and 0 < stub.completed < 12
        carried = dict(next(row["carried"] for row in documents if row["outcome"] == "extracted"))
        assert int(carried["tokens_in"]) > 10 and int(carried["tokens_out"]) > 3


def test_an_answer_that_cannot_be_kept_ends_the_asking_and_the_next_run_goes_on(tmp_path: Path) -> None:
    planned = corpus(tmp_path / "a.jsonl", PAGES * 4)
    (tmp_path / "answers").write_text("a file where a folder is to be")
    with serving() as stub:
        documents, file = rephrase(planned, work(stub.url, tmp_path))
        assert (file["outcome"], file["reason"]) == ("failed", "unanswered") and "could not be kept (" in file["error"]
        assert {row["reason"] for row in documents} == {"no_server"} and stub.requests <= 4  # those that were under way
    (tmp_path / "answers").unlink()
    with serving() as stub:
        documents, file = rephrase(planned, work(stub.url, tmp_path))
        assert file["outcome"] == "read" and {row["outcome"] for row in documents} == {"extracted"}


def test_what_a_run_would_ask_is_counted_without_asking(tmp_path: Path) -> None:
    planned = corpus(tmp_path / "a.jsonl", [*PAGES, None, "\n\n".join(PAGES)])
    with serving() as stub:
        some = work(stub.url, tmp_path, replace(PLAIN, segment_tokens=60), LISTED)
        before = CountQuestions((planned,), some).count(planned)
        assert stub.requests == 0
        rephrase(planned, some)
        after = CountQuestions((planned,), some).count(planned)
        assert (before["documents"], before["rephrases"], before["questions"], before["answered"]) == (
            13,
            39,
            stub.completed,
            0,
        )
        assert (after["questions"], after["answered"], after["most_out"]) == (0, stub.completed, 0)
        assert before["most_out"] == stub.completed * PLAIN.max_tokens and before["prompt_bytes"] > 1000


def test_a_file_in_a_process_of_its_own_gives_the_same_rows(tmp_path: Path) -> None:
    with serving() as stub:
        planned = corpus(tmp_path / "a.jsonl", PAGES[:3])
        apart = rephrase(planned, work(stub.url, tmp_path), isolate=True)[0]
        assert apart == rephrase(planned, work(stub.url, tmp_path))[0] and stub.requests == 3


def test_a_key_stands_in_no_row_and_no_kept_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_KEY", "sk-secret-123456")
    told = b'{"error": {"message": "bad key sk-secret-123456"}}'
    with serving(lambda request, number: answers(request, number) if number % 2 else (400, {}, told)) as stub:
        rows, file = rephrase(corpus(tmp_path / "a.jsonl", PAGES), work(stub.url, tmp_path, key_env="A_KEY"))
        assert "Bearer sk-secret-123456" in stub.heads[0]
    kept = "".join(path.read_text("utf-8") for path in (tmp_path / "answers").rglob("*.jsonl"))
    assert "bad key ***" in str(rows) and "sk-secret" not in f"{rows}{file}{kept}"


def test_a_batch_holds_what_is_not_answered_and_its_responses_are_found(tmp_path: Path) -> None:
    planned = corpus(tmp_path / "a.jsonl", [*PAGES, PAGES[0]])
    with serving() as stub:
        some = work(stub.url, tmp_path)
        lines = list(WriteQuestions((planned,), some).lines(planned))
        assert len(lines) == 12 and stub.requests == 0  # equal pages make one request
        for line in lines[:7]:
            place, key, found = response_of(response(line), model="small-1b")
            assert place == place_of(planned) and isinstance(found, Answer)
            answers = Answers(f"{some.answers}/{place}")
            answers.add(key, found, about={})
            answers.close()
        documents, _ = rephrase(planned, some)
        assert stub.completed == 5 and sum(row["text"] == "Said." for row in documents) == 8
        assert list(WriteQuestions((planned,), some).lines(planned)) == []


def test_a_worker_without_the_key_fails_its_file_and_asks_nothing(tmp_path: Path) -> None:
    with serving() as stub:
        documents, file = rephrase(corpus(tmp_path / "a.jsonl", PAGES), work(stub.url, tmp_path, key_env="NO_SUCH_KEY"))
    assert (documents, file["reason"], stub.requests) == ([], "unanswered", 0) and "NO_SUCH_KEY is empty" in file["error"]


def test_a_document_that_raises_costs_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def picky(text: str, most: int) -> list[str]:
        if "town 1 " in text:
            raise ValueError("what a page")
        return [text]

    monkeypatch.setattr("udfs.rephrase.style.segments", picky)
    with serving() as stub:
        documents, file = rephrase(corpus(tmp_path / "a.jsonl", PAGES[:3]), work(stub.url, tmp_path))
    assert [(row["outcome"], row["reason"]) for row in documents] == [
        ("extracted", None), ("failed", "rephrase_error"), ("extracted", None),
    ]  # fmt: skip
    assert file["outcome"] == "read" and "what a page" in documents[1]["error"]


def test_rows_that_are_not_wanted_to_the_end_keep_what_was_answered(tmp_path: Path) -> None:
    with serving() as stub:
        planned = corpus(tmp_path / "a.jsonl", PAGES)
        rows = RephraseFiles((planned,), work(stub.url, tmp_path)).rows(0)
        next(rows)
        rows.close()
        before = stub.completed
        rephrase(planned, work(stub.url, tmp_path))
        assert before >= 1 and stub.completed <= 12 + 4  # those in flight are asked again
