"""Make a Python for each peer, a virtual environment of its own below a cache folder, with the versions that were measured."""

import subprocess
import sys
from pathlib import Path

# datatrove imports tokenizers and spacy for its MinHash without asking for them; the last three of the first row pandas_udf needs.
# data-juicer would install the last three of its row by itself, while it is measured
PEERS = {
    "distributed-curator": ("distributed-curator==0.1.6", "pyspark==3.5.9", "numpy==2.4.6", "pandas==2.3.3", "pyarrow==26.0.1"),
    "datatrove": ("datatrove==0.10.1", "spacy==3.8.18", "tokenizers", "orjson", "pyarrow", "xxhash<4", "regex"),
    "data-juicer": (
        "py-data-juicer==1.6.1",
        "datasets==5.2.0",
        "numpy==2.4.6",
        "aiohttp==3.14.5",
        "ray==2.60.0",
        "scipy==1.17.1",
    ),
}
MADE = "made.txt"  # what was installed; written last


def python_of(peer: str, cache: Path) -> Path:
    """Return the peer's Python, made if it is not there; raise SystemExit if its packages cannot be installed."""
    folder = cache / peer
    python, made = folder / "bin/python", folder / MADE
    wanted = "\n".join(PEERS[peer])
    if made.is_file() and made.read_text() == wanted:
        return python
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    installed = subprocess.run([str(python), "-m", "pip", "install", "--quiet", *PEERS[peer]], check=False)
    if installed.returncode:
        raise SystemExit(f"{peer} cannot be measured: pip did not install {', '.join(PEERS[peer])}. Its words are above")
    made.write_text(wanted)
    return python
