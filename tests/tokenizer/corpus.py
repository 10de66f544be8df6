"""A small corpus of two languages, cut into files in many ways."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from jobs.tokenizer.settings import TokenizerSettings

WORDS = {"en": "the house and the garden stand near a river", "de": "das Haus und der Garten liegen an einem Fluss"}
SETTINGS = TokenizerSettings(vocabulary=400, sample_mb=1, holdout=0.2)


def texts() -> list[dict[str, str]]:
    """Return 120 different texts with their languages."""
    return [
        {"text": " ".join([*WORDS[language].split()[n % 5 :], f"number {n}"] * 3), "language": language}
        for n in range(60)
        for language in WORDS
    ]


def cut(folder: Path, parts: int) -> str:
    """Write the texts as a published corpus of so many files, in another order for each number."""
    rows = [*texts()[parts:], *texts()[:parts]]
    for number in range(parts):
        for language in WORDS:
            place = folder / f"dump=A/language={language}/chunk={number:05}"
            place.mkdir(parents=True)
            mine = [{"text": row["text"]} for row in rows[number::parts] if row["language"] == language]
            pq.write_table(pa.Table.from_pylist(mine, schema=pa.schema([("text", pa.string())])), place / "part.parquet")
    return str(folder)
