"""How a child process is started and bound: it finds our code, dies with its parent, and goes first when memory runs out."""

import contextlib
import ctypes
import os
import resource
import signal
import sys
from pathlib import Path

_PR_SET_PDEATHSIG = 1


def environment() -> dict[str, str]:
    """Return the environment of a child: the code may have come as an archive that only this process has on its path."""
    path = os.pathsep.join(map(os.path.abspath, sys.path))
    return {**os.environ, "PYTHONPATH": path, "RUST_BACKTRACE": "0"}


def confine(*, parent: int) -> None:
    """Die with the parent, be the kernel's first choice when memory runs out, and leave no core and no long stderr behind."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # the parent died before prctl
        os._exit(1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))  # of the file that catches stderr
