"""Why a file or a row of a corpus gives no document: the reasons that every source which reads one has."""

from jobs.engine.reason import Reason

UNKNOWN_FORMATS = (
    Reason("failed", "not_parquet", "the file's name says Parquet, and it is none", "take it out of the input", "file"),
    Reason("failed", "unknown_format", "the file is neither Parquet nor JSONL", "take it out of the input", "file"),
)
DAMAGED = Reason("failed", "damaged", "no row of the file could be read; its error says why", "fetch the file anew", "file")
BROKEN_ROWS = (
    Reason("failed", "bad_row", "the line is no JSON object, or a value could not be read; the column error says why"),
    Reason("failed", "invalid_utf8", "the line is not UTF-8"),
)


def too_large(section: str) -> Reason:
    """Return the reason of a row that is longer than the section allows."""
    return Reason(
        "failed", "too_large", f"the row is longer than [{section}] max_row_mb", "raise max_row_mb if such rows matter"
    )
