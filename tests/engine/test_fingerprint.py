"""A fingerprint changes when the code that a stage reaches does something else, and not otherwise."""

import sys
from pathlib import Path

import pytest

from jobs.engine.fingerprint import _shape, code, fingerprint


def test_the_order_of_keys_does_not_matter_and_values_do() -> None:
    assert fingerprint({"a": 1, "b": 2}) == fingerprint({"b": 2, "a": 1})
    assert fingerprint({"a": 1}) != fingerprint({"a": 2})


def test_comments_and_docstrings_leave_the_shape_alone() -> None:
    assert _shape('"""Old."""\ndef f():\n    """Say."""\n    return 1\n') == _shape("def f():  # why\n    return 1\n")
    assert _shape("def f():\n    return 1\n") != _shape("def f():\n    return 2\n")


def test_a_change_in_an_imported_module_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "udfs"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "top.py").write_text("from udfs.below import f\n")
    (package / "below.py").write_text("def f():\n    return 1\n")
    for name in [name for name in sys.modules if name == "udfs" or name.startswith("udfs.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.syspath_prepend(str(tmp_path))
    code.cache_clear()
    first = code("udfs.top")
    (package / "below.py").write_text("def f():\n    return 2\n")
    code.cache_clear()
    second = code("udfs.top")
    code.cache_clear()
    assert first != second
    for name in [name for name in sys.modules if name == "udfs" or name.startswith("udfs.")]:
        monkeypatch.delitem(sys.modules, name)
