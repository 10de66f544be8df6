"""The JVM is asked once for a class that every call of a function names."""

from types import SimpleNamespace
from typing import Any

from jobs.engine.known_classes import NAMES, remember_classes


class Jvm:
    """Answer for any name, and note that it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __getattr__(self, name: str) -> str:
        self.asked.append(name)
        return f"class {name}"


def test_a_class_is_asked_for_once_and_others_each_time() -> None:
    jvm = Jvm()
    session: Any = SimpleNamespace(sparkContext=SimpleNamespace(_jvm=jvm))
    assert remember_classes(session) is session
    assert [getattr(jvm, name) for name in NAMES] == [f"class {name}" for name in NAMES]
    assert jvm.asked == list(NAMES)
    assert getattr(jvm, "java.lang.System") == "class java.lang.System"
    assert jvm.asked[-1] == "java.lang.System"
