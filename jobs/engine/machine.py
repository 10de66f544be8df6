"""What Spark in local mode needs of this machine: Java, a Spark that is pyspark's, a user with a home, folders to work in.

What is missing is said in one message before a JVM starts, and what can be set is set.
"""

import os
import pwd
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from jobs.engine.errors import RefusedError

_JAVA = "Spark needs Java 17 or later: apt-get install openjdk-17-jre-headless, or brew install openjdk@17, then run again"
_CORE = re.compile(r"spark-core_[\d.]+-(\d+\.\d+)")


class NoJavaError(RefusedError):
    """Say that Spark cannot start for want of Java, and how to get it."""


class NoSparkError(RefusedError):
    """Say that Spark cannot start on this machine as it is set up, and what to set."""


def check_machine() -> None:
    """Raise NoJavaError or NoSparkError for what would keep Spark in local mode from starting."""
    check_java()
    check_spark_home()
    check_scratch()


def check_java() -> None:
    """Make sure that a Java 17 or later can be run."""
    java = str(Path(os.environ["JAVA_HOME"]) / "bin" / "java") if os.environ.get("JAVA_HOME") else shutil.which("java")
    if not java:
        raise NoJavaError(f"no java on the PATH and no JAVA_HOME. {_JAVA}")
    try:
        answer = subprocess.run([java, "-version"], capture_output=True, text=True, errors="replace", timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        by = " (JAVA_HOME says so)" if os.environ.get("JAVA_HOME") else ""
        raise NoJavaError(f"{java} does not run{by} ({error}). {_JAVA}") from None
    found = re.search(r'version "(\d+)([\d.]*)', answer.stderr)  # a line about JAVA_TOOL_OPTIONS may stand above
    if found is None:
        said = " ".join(answer.stderr.split())[:300]
        raise NoJavaError(f"{java} -version does not tell its version, but {said!r}. {_JAVA}")
    if int(found[1]) < 17:
        raise NoJavaError(f"{java} is version {found[1]}. {_JAVA}")


def check_spark_home() -> None:
    """Make sure that SPARK_HOME, if it is set, is a Spark of pyspark's version; one that is empty counts as not set."""
    if not os.environ.get("SPARK_HOME"):
        os.environ.pop("SPARK_HOME", None)  # pyspark would look for ./bin/spark-submit
        return
    import pyspark

    home = Path(os.environ["SPARK_HOME"])
    how = "so nothing was run. Unset SPARK_HOME, and the Spark that came with pyspark is used"
    if not (home / "bin" / "spark-submit").is_file():
        raise NoSparkError(f"SPARK_HOME={home} holds no Spark (no bin/spark-submit), {how}")
    ours = ".".join(pyspark.__version__.split(".")[:2])
    found = {core[1] for jar in home.glob("jars/spark-core_*.jar") if (core := _CORE.match(jar.name))}
    if found and ours not in found:
        raise NoSparkError(f"SPARK_HOME={home} is Spark {', '.join(sorted(found))}, and pyspark is {ours}, {how}")


def check_scratch() -> None:
    """Make sure that Spark has a folder to spill to, and Python one for temporary files."""
    try:
        tempfile.gettempdir()
    except FileNotFoundError as error:
        raise NoSparkError(f"there is no folder for temporary files ({error}): nothing was run. Set TMPDIR to one") from None
    given = [part for part in os.environ.get("SPARK_LOCAL_DIRS", "").split(",") if part]
    if given and not any(_can_write(Path(part)) for part in given):
        raise NoSparkError(
            f"SPARK_LOCAL_DIRS={','.join(given)}: none of it can be written, and Spark spills to it, so nothing was run. Name a folder "
            f"that you may write, or unset it"
        )


def has_name() -> bool:
    """Tell whether this user is known by name: one of a container's `--user 12345` may not be."""
    try:
        pwd.getpwuid(os.getuid())
    except KeyError:
        return False
    return True


def utf8_locale(environment: Mapping[str, str]) -> dict[str, str]:
    """Return what to add to the environment, so that Java too takes the names of files for UTF-8.

    >>> utf8_locale({"LANG": "de_DE.UTF-8"}), utf8_locale({"LANG": "de_DE.UTF-8", "LC_ALL": "C"}), utf8_locale({})
    ({}, {'LC_ALL': 'C.UTF-8'}, {'LC_ALL': 'C.UTF-8'})
    """
    said = next((environment[name] for name in ("LC_ALL", "LC_CTYPE", "LANG") if environment.get(name)), "")
    return {} if said.lower().replace("-", "").endswith("utf8") else {"LC_ALL": "C.UTF-8"}


def java_options(environment: Mapping[str, str]) -> list[str]:
    """Return options for the JVM: temporary files where TMPDIR says, and a home for a user who has none."""
    found = []
    scratch = tempfile.gettempdir()
    if environment.get("TMPDIR") and not re.search(r"[\s\"'\\]", scratch):
        found.append(f"-Djava.io.tmpdir={scratch}")
    if not has_name():
        home = environment.get("HOME", "")
        found.append(f"-Duser.home={home if home not in ('', '/') and _can_write(Path(home)) else scratch}")
    return found


def _can_write(folder: Path) -> bool:
    """Tell whether a folder can be written, or made, by making one there; root may write where nothing can be made."""
    there = next((place for place in (folder, *folder.parents) if place.exists()), Path("/"))
    try:
        with tempfile.TemporaryDirectory(dir=there):
            return True
    except OSError:
        return False
