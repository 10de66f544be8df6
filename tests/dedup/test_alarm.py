"""The alarms, over decisions written by hand: what is beyond a limit is named with its numbers, and what is not passes."""

from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from jobs import main
from jobs.dedup import STAGE
from jobs.dedup.alarm import check
from jobs.dedup.settings import Alarm
from jobs.engine.errors import AlarmError
from jobs.engine.root import Root
from tests.dedup.small_root import write_json, write_signals, write_table
from tests.dedup.small_run import context, recipe

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark
NO_LIMIT = Alarm(max_removed_total=1, max_removed=1, max_removed_domain=1)

# language, domain, file, outcome, group, its size: of 12 documents 7 are dropped
ROWS: tuple[tuple[str | None, str | None, str, str, str, int], ...] = (
    *(("en", "a.org", "1.warc.gz", "dropped", "<a>", 5),) * 4,
    ("en", "a.org", "1.warc.gz", "kept", "<a>", 5),
    *(("en", "b.org", "2.warc.gz", "kept", "<b>", 1),) * 2,
    *((None, None, "2.warc.gz", "dropped", "<c>", 4),) * 3,
    (None, None, "2.warc.gz", "kept", "<c>", 4),
    ("de", "b.org", "2.warc.gz", "failed", "<d>", 1),
)


@pytest.fixture(scope="module")
def root(spark: "SparkSession", tmp_path_factory: pytest.TempPathFactory) -> Root:
    folder = tmp_path_factory.mktemp("alarm")
    ids = [f"<{n}>" for n in range(len(ROWS))]
    language, domain, file, outcome, group, size = (list(column) for column in zip(*ROWS, strict=True))
    write_json(folder / "plan/00000.json", {"files": []})
    write_json(folder / "documents/_chunks/00000.json", {"fingerprint": "x", "failed_files": []})
    write_table(
        folder / "documents/chunk=00000/kind=document",
        pa.table({"id": ids, "domain": pa.array(domain, pa.string()), "file_path": file, "outcome": ["extracted"] * len(ids)}),
    )
    write_signals(folder, {"00000": pa.table({"id": ids, "language": pa.array(language, pa.string())})})
    write_table(
        folder / "decisions/dedup/chunk=00000",
        pa.table({"id": ids, "outcome": outcome, "group_id": group, "group_size": size}),
    )
    return Root(spark, str(folder))


def alarm(root: Root, limits: Alarm) -> list[str]:
    """Return the lines that name limits; none if the check passes."""
    given = context(root, recipe(dedup={"alarm": limits.model_dump()}))
    try:
        check(given.job(STAGE))
    except AlarmError as error:
        first, *lines, last = str(error).split("\n")
        assert first == "dedup went beyond [dedup.alarm], so nothing was published:"
        assert f"`gristmill explain {root.path} ID`" in last and "raise the limit in the recipe and run again" in last
        return [line.strip() for line in lines]
    return []


def test_what_is_within_every_limit_passes(root: Root) -> None:
    assert (
        alarm(root, Alarm(max_removed_total=0.6, max_removed=0.8, max_removed_domain=0.8, max_group=5, min_documents=4)) == []
    )


def test_the_defaults_do_not_judge_a_small_run(root: Root) -> None:
    assert alarm(root, Alarm(max_removed_total=0.1, max_removed=0.1, max_removed_domain=0.1)) == []


def test_every_limit_passed_is_named_with_its_numbers(root: Root) -> None:
    limits = Alarm(max_removed_total=0.5, max_removed=0.7, max_removed_domain=0.74, max_group=3, min_documents=4)
    assert alarm(root, limits) == [
        "max_group = 3: the group <a> has 5 documents",
        "max_group = 3: the group <c> has 4 documents",
        "max_removed_total = 0.5: 7 of 12 (58.3%) dropped of all documents",
        "max_removed_domain = 0.74: 4 of 5 (80.0%) dropped of domain a.org",
        "max_removed_domain = 0.74: 3 of 4 (75.0%) dropped of domain unknown",
        "max_removed = 0.7: 4 of 5 (80.0%) dropped of file 1.warc.gz",
        "max_removed = 0.7: 3 of 4 (75.0%) dropped of language unknown",
    ]


def test_a_group_of_documents_below_the_least_number_is_not_judged(root: Root) -> None:
    found = alarm(root, NO_LIMIT.model_copy(update={"max_removed": 0.7, "min_documents": 5}))
    assert found == ["max_removed = 0.7: 4 of 5 (80.0%) dropped of file 1.warc.gz"]


def test_a_share_equal_to_its_limit_passes(root: Root) -> None:
    limits = NO_LIMIT.model_copy(update={"max_removed_domain": 0.75, "min_documents": 4})
    assert alarm(root, limits) == ["max_removed_domain = 0.75: 4 of 5 (80.0%) dropped of domain a.org"]


def test_only_the_worst_are_named(root: Root, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobs.dedup.alarm.SHOWN", 1)
    limits = NO_LIMIT.model_copy(update={"max_removed_domain": 0.7, "max_group": 1, "min_documents": 1})
    assert alarm(root, limits) == [
        "max_group = 1: the group <a> has 5 documents",
        "max_group = 1: and 1 more",
        "max_removed_domain = 0.7: 4 of 5 (80.0%) dropped of domain a.org",
        "max_removed_domain = 0.7: and others that lost fewer",
    ]


def test_a_run_that_dedup_gave_nothing_passes(spark: "SparkSession", tmp_path: Path) -> None:
    write_json(tmp_path / "plan/00000.json", {"files": []})
    assert alarm(Root(spark, str(tmp_path)), Alarm(max_group=1, max_removed_domain=0.1, min_documents=1)) == []


def test_an_alarm_is_exit_code_5(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def ring() -> None:
        raise AlarmError("dedup went beyond its limits")

    monkeypatch.setattr(main, "app", ring)
    with pytest.raises(SystemExit) as caught:
        main.main()
    assert (caught.value.code, capsys.readouterr().err) == (5, "gristmill: dedup went beyond its limits\n")
