"""Makes the root that a showing's arms come from: WARCs of your own by FineWeb's rules, without the look that spares extraction.

That look drops pages before they are extracted, and an arm of raw pages needs their text. Resiliparse extracts, as it is fast.
"""

import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

FINISHED = (0, 3)  # exit codes of a run that published; 3: some files could not be read
FINEWEB = Path(__file__).parents[2] / "conf/fineweb.toml"


def recipe() -> str:
    r"""Return conf/fineweb.toml for a few WARCs.

    >>> "[extract.gate]" in recipe(), 'extractor = "resiliparse"' in recipe()
    (False, True)
    """
    text = FINEWEB.read_text("utf-8")
    text = re.sub(r"\[extract\.gate\].*?(?=\n\[)", "", text, flags=re.DOTALL)
    text = re.sub(r"(?m)^(chunk_files|chunks_at_once|max_readers) .*$", "", text)
    text = re.sub(r"(?m)^\[run\]$", "[run]\nsplit_mb = 8", text)
    return re.sub(r'(?m)^extractor = "\w+".*$', 'extractor = "resiliparse"', text)


def make_root(root: Path, warcs: Sequence[str]) -> None:
    """Run the recipe on WARCs; a finished root is only looked at. Raises CalledProcessError if a run fails."""
    root.parent.mkdir(parents=True, exist_ok=True)
    file = root.parent / "fineweb-rules.toml"
    file.write_text(recipe(), "utf-8")
    given = [part for warc in warcs for part in ("--input", warc)]
    command = [sys.executable, "-m", "jobs.main", "run", str(file), "--dump", "LOCAL", "--root", str(root), *given]
    done = subprocess.run(command, check=False)
    if done.returncode not in FINISHED:
        raise subprocess.CalledProcessError(done.returncode, command)
