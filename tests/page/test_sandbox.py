import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.waiting import wait_for
from udfs.page.extractor import ExtractSettings, PageRequest
from udfs.page.memory import memory_of
from udfs.page.sandbox import Sandbox, SandboxError

SETTINGS = ExtractSettings(extractor="resiliparse", max_cpu_s=60.0, max_wall_s=600.0, max_memory_mb=768)
GOOD = PageRequest(body=b"<title>T</title><p>Some plain words.</p>", mime="text/html", charset=None)

# A child in which a page names its own misfortune; everything else is the real program.
MISFORTUNES = """
import ctypes, os, re, sys, time
import udfs.page.extractor as page
real = page.PageExtractor.extract
def extract(self, request):
    word = request.body.strip()
    if word == b"hang": time.sleep(3600)
    if word == b"spin":
        while True: pass
    if word == b"native": re.match("(a+)+$", "a" * 99 + "b")  # holds the interpreter for ever
    if word == b"nap": time.sleep(2)
    if word == b"work":
        end = time.process_time() + 1
        while time.process_time() < end: pass
    if word == b"crash": ctypes.string_at(0)
    if word == b"exit": os._exit(7)
    if word == b"abort": os.abort()
    if word == b"killed": os.kill(os.getpid(), 9)
    if word == b"eat": hoard = [bytearray(1 << 24) for _ in range(10_000)]
    if word == b"raise": raise ValueError("bad page")
    if word == b"print": print("noise", flush=True); os.write(1, b"more noise")
    if word == b"grow": page.hoard = bytearray(b"x") * (400 << 20)
    return real(self, request)
page.PageExtractor.extract = extract
"""


def page(word: str) -> PageRequest:
    return PageRequest(body=word.encode(), mime="text/html", charset=None)


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    memory_of.cache_clear()


@pytest.fixture
def misfortunes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sitecustomize.py").write_text(MISFORTUNES)
    monkeypatch.syspath_prepend(str(tmp_path))


def test_a_page_comes_back_as_text_with_its_title() -> None:
    with Sandbox(SETTINGS) as sandbox:
        result = sandbox.extract(GOOD)
    assert (result.outcome, result.title, result.text) == ("extracted", "T", "Some plain words.")
    assert sandbox.restarts == 0
    assert 10 < sandbox.peak_mb < 500


@pytest.mark.usefixtures("misfortunes")
@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("crash", "crashed"),
        ("exit", "crashed"),
        ("abort", "crashed"),
        ("eat", "out_of_memory"),
        ("killed", "out_of_memory"),  # SIGKILL unasked is how the kernel takes a process for its memory
        ("raise", "extractor_error"),
    ],
)
def test_a_bad_page_costs_one_page(word: str, reason: str) -> None:
    with Sandbox(SETTINGS) as sandbox:
        results = [sandbox.extract(request) for request in (GOOD, page(word), GOOD)]
    assert [(result.outcome, result.reason) for result in results] == [
        ("extracted", None),
        ("failed", reason),
        ("extracted", None),
    ]
    assert sandbox.restarts == (0 if word == "raise" else 1)


@pytest.mark.usefixtures("misfortunes")
@pytest.mark.parametrize(
    ("word", "max_cpu_s", "max_wall_s", "error"),
    [
        ("spin", 0.5, 300, "not done after 0.5 s of CPU time"),
        ("native", 0.5, 300, "not done after 0.5 s of CPU time"),
        ("hang", 3600, 0.5, "not done after 0.5 s on the clock"),
    ],
)
def test_a_page_that_never_ends_is_given_up_at_a_limit(word: str, max_cpu_s: float, max_wall_s: float, error: str) -> None:
    with Sandbox(ExtractSettings(extractor="resiliparse", max_cpu_s=max_cpu_s, max_wall_s=max_wall_s)) as sandbox:
        result = sandbox.extract(page(word))
        assert (result.outcome, result.reason, result.error) == ("failed", "timeout", error)
        assert sandbox.restarts == 1


@pytest.mark.usefixtures("misfortunes")
def test_the_limit_of_cpu_time_is_one_page_s_own_and_counts_no_waiting() -> None:
    with Sandbox(ExtractSettings(extractor="resiliparse", max_cpu_s=1.9)) as sandbox:
        work = [sandbox.extract(replace(page("work"), charset=charset)) for charset in (None, "utf-8", "latin-1")]
        rest = [sandbox.extract(page(word)) for word in ("nap", "grow")]
    assert [result.outcome for result in (*work, *rest)] == ["extracted"] * 5
    assert sandbox.restarts == 0


@pytest.mark.usefixtures("misfortunes")
def test_a_busy_machine_gives_the_row_of_an_idle_one() -> None:
    """The page takes half of its CPU limit; with three processes for each core it takes more than the limit by the clock."""
    settings = ExtractSettings(extractor="resiliparse", max_cpu_s=2.0, max_wall_s=300)
    loops = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(2 * (os.cpu_count() or 1))]
    try:
        with Sandbox(settings) as sandbox:
            busy = sandbox.extract(page("work"))
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()
    assert (busy.outcome, busy.text) == ("extracted", "work")


@pytest.mark.usefixtures("misfortunes")
def test_what_a_library_prints_does_not_get_between_the_answers() -> None:
    with Sandbox(SETTINGS) as sandbox:
        assert [sandbox.extract(request).text for request in (page("print"), GOOD)] == ["print", "Some plain words."]


def test_a_page_larger_than_the_pipe_passes_whole() -> None:
    words = "word " * 1_000_000
    with Sandbox(SETTINGS) as sandbox:
        result = sandbox.extract(PageRequest(body=words.encode(), mime="text/plain", charset=None))
    assert result.text == words.strip()


def children_of(pid: int) -> list[int]:
    listing = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False)
    return [int(line) for line in listing.stdout.split()]


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.usefixtures("misfortunes")
def test_a_child_that_has_grown_is_replaced_between_pages() -> None:
    others = set(children_of(os.getpid()))  # a JVM, where tests with Spark ran before
    with Sandbox(SETTINGS) as sandbox:
        sandbox.extract(page("grow"))
        grown = {pid for pid in set(children_of(os.getpid())) - others if is_running(pid)}
        assert len(grown) == 1
        for number in range(20):
            assert sandbox.extract(page(f"<p>Page {number}")).outcome == "extracted"
        assert (sandbox.restarts, sandbox.peak_mb > 400) == (0, True)
        assert not any(is_running(pid) for pid in grown)


@pytest.mark.usefixtures("misfortunes")
def test_a_page_met_again_is_not_extracted_again_and_a_failed_one_is() -> None:
    with Sandbox(SETTINGS) as sandbox:
        assert [sandbox.extract(page("raise")).reason for _ in range(2)] == ["extractor_error", "extractor_error"]
        assert sandbox.reused == 0
    with Sandbox(SETTINGS) as sandbox:
        first = sandbox.extract(GOOD)
        assert (sandbox.extract(GOOD), sandbox.reused) == (first, 1)
        assert sandbox.extract(replace(GOOD, charset="utf-8")) != first
        assert sandbox.reused == 1
    with Sandbox(SETTINGS) as sandbox:  # the next task in the same worker
        assert (sandbox.extract(GOOD), sandbox.reused) == (first, 1)


def test_no_child_and_no_zombie_is_left_behind() -> None:
    before = set(children_of(os.getpid()))
    with Sandbox(SETTINGS) as sandbox:
        sandbox.extract(GOOD)
    assert {pid for pid in set(children_of(os.getpid())) - before if Path(f"/proc/{pid}/cmdline").exists()} == set()


def test_the_child_dies_with_a_parent_that_is_killed() -> None:
    program = (
        "import sys, time\n"
        "from tests.page.test_sandbox import GOOD, SETTINGS, Sandbox\n"
        "sandbox = Sandbox(SETTINGS)\nsandbox.extract(GOOD)\nprint('ready', flush=True)\ntime.sleep(3600)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, cwd=Path(__file__).parents[2])
    assert parent.stdout is not None
    assert parent.stdout.readline() == b"ready\n"
    child = children_of(parent.pid)[0]
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    assert wait_for(lambda: not is_running(child))


def test_a_child_that_cannot_start_is_an_error_that_says_how_to_see_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with (
        Sandbox(SETTINGS) as sandbox,
        pytest.raises(SandboxError, match=r"does not start .* run `/bin/false -c 'import"),
    ):
        sandbox.extract(GOOD)
