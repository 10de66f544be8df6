from pathlib import Path

import fasttext
import pytest
from hypothesis import given
from hypothesis import strategies as st

from udfs.models.model_file import (
    ModelError,
    check_structure,
    found_path,
    load_fasttext,
    one_line,
    sha256_of,
    shipped_name,
    verified_path,
)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    (folder / "train.txt").write_text("__label__hq good words here\n__label__cc bad words there\n" * 20, "utf-8")
    trained = fasttext.train_supervised(str(folder / "train.txt"), dim=4, bucket=50, wordNgrams=2, thread=1, verbose=0)
    trained.save_model(str(folder / "model.bin"))
    return folder / "model.bin"


def test_a_file_with_the_pinned_hash_is_returned(model: Path) -> None:
    assert verified_path(str(model), sha256_of(model)) == model


def test_a_missing_file_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"no model file at .*absent\.bin: nothing can be scored.*models fetch"):
        verified_path(tmp_path / "absent.bin", "0" * 64)


def test_a_truncated_file_is_refused_by_its_pin_before_fasttext_can_hang_on_it(model: Path, tmp_path: Path) -> None:
    short = tmp_path / "short.bin"
    short.write_bytes(model.read_bytes()[:-1])
    with pytest.raises(ModelError, match="is truncated, damaged or another model"):
        load_fasttext(str(short), sha256_of(model))


@pytest.mark.parametrize("pin", ["", "abc", "A" * 64, "0" * 63])
def test_a_pin_that_is_no_sha256_is_refused(model: Path, pin: str) -> None:
    with pytest.raises(ModelError, match="is not 64 lower-case hex digits"):
        verified_path(model, pin)


def test_without_a_pin_every_truncation_is_refused_by_structure(model: Path, tmp_path: Path) -> None:
    whole = model.read_bytes()
    check_structure(model)
    lengths = sorted({*range(0, 200), *range(200, len(whole), 37), len(whole) - 1})
    accepted = []
    for length in lengths:
        (tmp_path / "cut.bin").write_bytes(whole[:length])
        try:
            check_structure(tmp_path / "cut.bin")
        except ModelError:
            continue
        accepted.append(length)
    assert accepted == []


def test_without_a_pin_bytes_after_the_end_are_refused(model: Path, tmp_path: Path) -> None:
    (tmp_path / "long.bin").write_bytes(model.read_bytes() + b"\0")
    with pytest.raises(ModelError, match="by its own counts"):
        check_structure(tmp_path / "long.bin")


def test_another_kind_of_file_is_refused_by_its_header(tmp_path: Path) -> None:
    (tmp_path / "page.bin").write_bytes(b"<!doctype html><html>" * 20)
    with pytest.raises(ModelError, match="fastText models start with 793712314"):
        load_fasttext(str(tmp_path / "page.bin"), None)


def test_word_vectors_are_refused(tmp_path: Path) -> None:
    (tmp_path / "text.txt").write_text("some words to learn from\n" * 50, "utf-8")
    vectors = fasttext.train_unsupervised(str(tmp_path / "text.txt"), dim=4, bucket=50, thread=1, verbose=0, minCount=1)
    vectors.save_model(str(tmp_path / "vectors.bin"))
    with pytest.raises(ModelError, match="word vectors, not a classifier"):
        check_structure(tmp_path / "vectors.bin")


def test_an_executor_takes_the_copy_it_was_sent_unless_the_drivers_path_is_as_good(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(tmp_path / "code.zip"))  # one that is no folder is passed over
    monkeypatch.syspath_prepend(str(tmp_path))
    absent, sha256 = tmp_path / "driver" / "model.bin", sha256_of(model)
    with pytest.raises(ModelError, match=r"no model file at .*driver/model\.bin"):
        found_path(absent, sha256)
    sent = tmp_path / shipped_name(absent, sha256)
    sent.write_bytes(model.read_bytes()[:-1])
    with pytest.raises(ModelError, match="is truncated, damaged or another model"):
        found_path(absent, sha256)
    sent.write_bytes(model.read_bytes())
    assert found_path(absent, sha256) == sent
    absent.parent.mkdir()
    absent.write_bytes(b"what this executor's machine has there is another model")
    assert found_path(absent, sha256) == sent
    assert load_fasttext(str(absent), sha256).predict("good words here")[0] == ("__label__hq",)
    assert found_path(model, sha256) == model


def test_models_of_one_name_are_sent_under_two() -> None:
    assert shipped_name("/a/q.bin", "0" * 64) == f"{'0' * 16}-q.bin" != shipped_name("/b/q.bin", "1" * 64)


def test_a_model_is_loaded_once_a_process(model: Path) -> None:
    assert load_fasttext(str(model), None) is load_fasttext(str(model), None)


def test_a_page_can_neither_end_its_line_nor_label_itself() -> None:
    assert one_line("a\n\nb </s> c __label__hq d") == "a  b < /s> c __label hq d"


@given(st.lists(st.sampled_from(["\n", "</s>", "__label__", "_", "<", "/s>", "__", "label", " ", "é"])).map("".join))
def test_one_line_twice_is_one_line(text: str) -> None:
    once = one_line(text)
    assert one_line(once) == once
    assert "\n" not in once and "</s>" not in once and "__label__" not in once
