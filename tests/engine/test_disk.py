"""A disk that is full or may not be written ends a run with one message and exit code 2, whoever met it."""

import errno
from pathlib import Path

import pytest
from py4j.protocol import Py4JError  # type: ignore[import-untyped]

from jobs.engine.disk import DiskError, disk_errors, fault_of
from jobs.engine.lease import leased
from jobs.engine.local_store import LocalStore
from jobs.engine.run_report import exit_code
from udfs.reading.location import LocationError


def test_errors_of_the_disk_are_known_from_python_and_from_java() -> None:
    full = OSError(errno.ENOSPC, "No space left on device")
    java = Py4JError("An error occurred while calling o1.parquet.\njava.io.IOException: No space left on device\n\tat x")
    above = RuntimeError("it cannot be written")
    above.__cause__ = full
    assert [fault_of(error) for error in (full, java, above)] == ["the disk is full"] * 3
    assert fault_of(Py4JError("java.io.FileNotFoundException: /r/x (Permission denied)")) == "you may not read or write there"
    assert fault_of(Py4JError("Mkdirs failed to create file:/r/documents")) == "a folder in it cannot be made"
    assert [fault_of(error) for error in (KeyError("No space left on device"), FileNotFoundError(2, "x"))] == [None, None]
    assert [exit_code(error) for error in (full, java, KeyError())] == [2, 2, 1]


def test_a_root_below_a_file_is_refused_before_any_work(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    root = str(tmp_path / "file" / "root")
    with pytest.raises(DiskError) as caught, disk_errors(root), leased(LocalStore(root), root=root):
        raise AssertionError("the root cannot be had")
    assert str(caught.value).startswith(f"{root}: a file is where a folder should be (")
    assert "Give another --root" in str(caught.value) and caught.value.exit_code == 2


@pytest.mark.parametrize("name", ["x" * 300, f"a/{'y' * 256}"])
def test_a_root_whose_name_is_too_long_is_refused(tmp_path: Path, name: str) -> None:
    root = str(tmp_path / name)
    with pytest.raises(DiskError, match="its name is too long"), disk_errors(root), leased(LocalStore(root), root=root):
        raise AssertionError("the root cannot be had")


def test_a_full_disk_leaves_no_half_of_a_small_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = LocalStore(str(tmp_path))
    store.write("run.json", "old")

    def full(self: Path, *arguments: object, **more: object) -> int:
        self.touch()
        raise OSError(errno.ENOSPC, "No space left on device", str(self))

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(DiskError) as caught, disk_errors(str(tmp_path)):
        store.write("run.json", "new")
    assert f"{tmp_path}: the disk is full (" in str(caught.value)
    assert "Make room, and the same command goes on where it stopped" in str(caught.value)
    with pytest.raises(OSError, match="No space left"):
        store.create("lease/00000001.json", "new")
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["run.json"]
    assert store.read("run.json") == "old"


def test_other_errors_pass_as_they_are() -> None:
    for error in (LocationError("x", "absent", "look"), KeyError("a bug"), FileNotFoundError(2, "x")):
        with pytest.raises(type(error)) as caught, disk_errors("root"):
            raise error
        assert caught.value is error
