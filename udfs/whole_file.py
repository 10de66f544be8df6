"""Write a small file whole: nobody reads half of it, whenever its writer dies."""

import json
import os
from pathlib import Path
from typing import Any


def beside(target: Path) -> Path:
    """Name a hidden file beside another, which no other writer names."""
    return target.with_name(f".{target.name}.{os.getpid()}.{os.urandom(4).hex()}")


def write_whole(target: Path, text: str) -> None:
    """Write a file beside its place and move it there; its folder is there."""
    part = beside(target)
    try:
        part.write_text(text, "utf-8")
        part.replace(target)
    except OSError:  # a full disk, of which an empty file is left
        part.unlink(missing_ok=True)
        raise


def write_json(target: Path, value: Any) -> None:
    """Write a value as a JSON file, as `write_whole` does."""
    write_whole(target, json.dumps(value, indent=1) + "\n")
