"""Make the document row of one corpus row: the same columns that extraction fills from a page."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from udfs.corpus.columns import CorpusColumns, find, first
from udfs.documents.file_row import MAX_ERROR_CHARS, Row
from udfs.page import urls
from udfs.page.extractor import MAX_FIELD_CHARS, storable


@dataclass(frozen=True)
class CorpusRow:
    """One row of a file: where it stands, its values, and what is wrong with it if they could not be read.

    `offset` is the row's number in a Parquet file. In JSONL it is the byte where the line begins (of the decompressed bytes, if
    the file is compressed), since a worker that reads a part of a file cannot count the lines before it. `length` is the line's bytes.
    """

    offset: int
    length: int | None
    values: Mapping[str, Any] | None
    problem: tuple[str, str] | None = None  # a reason, and what it means here


def document_row(row: CorpusRow, *, columns: CorpusColumns, file_path: str, dump: str, folders: Mapping[str, str]) -> Row:
    """Make the document row; whatever is wrong with the row becomes its outcome.

    `folders` are the values that the path gives (`dump=…/language=…/`); a column of the row goes before them.
    """
    place: Row = {
        "id": f"{file_path}#{row.offset}",
        "file_path": file_path,
        "offset": row.offset,
        "nth": 0,
        "length": row.length,
    }
    made: Row = place | {"dump": dump}
    try:
        if row.problem is not None or row.values is None:
            reason, error = row.problem or ("bad_row", "the row has no values")
            return made | _failed(reason, error)
        return (
            made
            | _facts(row.values, columns=columns, folders=folders, fallback=made)
            | _outcome(first(row.values, columns.text))
        )
    except Exception as error:
        return made | _failed("bad_row", f"{type(error).__name__}: {error}")


def _facts(values: Mapping[str, Any], *, columns: CorpusColumns, folders: Mapping[str, str], fallback: Row) -> Row:
    with_folders = {**folders, **{name: value for name, value in values.items() if value is not None}}
    url = first(values, columns.url)
    url = storable(url) if isinstance(url, str) else None
    host = urls.host(url)
    return {
        "id": _plain(first(values, columns.id)) or fallback["id"],
        "url": url,
        "url_key": urls.url_key(url),
        "host": host,
        "domain": urls.domain(host),
        "date": _date(first(values, columns.date)),
        "dump": _plain(first(with_folders, columns.dump)) or fallback["dump"],
        "page_language": _language(first(with_folders, columns.language)),
        "carried": _carried(with_folders, columns),
    }


def _outcome(text: Any) -> Row:
    """Keep the text as it is but for what cannot be stored: whoever gave it knows why it looks as it does."""
    if isinstance(text, bytes):
        try:
            text = text.decode("utf-8")
        except UnicodeDecodeError as error:
            return _failed("invalid_utf8", f"the text is not UTF-8: {error}")
    if not isinstance(text, str):
        return _failed(
            "no_text", "the text is null or absent" if text is None else f"the text is no string but {type(text).__name__}"
        )
    text = storable(text)
    return {"outcome": "extracted", "text": text} if text.strip() else {"outcome": "dropped", "reason": "empty_text"}


def _failed(reason: str, error: str) -> Row:
    return {"outcome": "failed", "reason": reason, "error": storable(error)[:MAX_ERROR_CHARS]}


def _plain(value: Any) -> str | None:
    """Return a string as it is, another value as JSON; None for nothing."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    text = value if isinstance(value, str) else _json(value)
    return storable(text) or None


def _json(value: Any) -> str:
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, default=_unusual)
    except ValueError:  # JSON has no NaN and no infinity
        return json.dumps(json.loads(json.dumps(value, default=_unusual), parse_constant=lambda _: None), ensure_ascii=False)


def _unusual(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value.isoformat() if isinstance(value, date) else str(value)


def _date(value: Any) -> str | None:
    """Return a date as WARC headers have it (UTC, seconds); None for what is none. Without a time zone it is taken for UTC.

    >>> _date("2013-05-18 05:48:59+02:00"), _date("2013-05-18"), _date("May 2013")
    ('2013-05-18T03:48:59Z', '2013-05-18T00:00:00Z', None)
    """
    try:
        if isinstance(value, str):
            value = datetime.fromisoformat(value.strip())
        elif isinstance(value, date) and not isinstance(value, datetime):
            value = datetime(value.year, value.month, value.day)
        if not isinstance(value, datetime):
            return None
        moment = value if value.tzinfo is not None else value.replace(tzinfo=UTC)
        return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"
    except (ValueError, OverflowError):
        return None


def _language(value: Any) -> str | None:
    if isinstance(value, Mapping):
        scores = {name: score for name, score in value.items() if isinstance(score, int | float) and not math.isnan(score)}
        value = max(sorted(scores), key=lambda name: scores[name], default=None)
    return storable(value)[:MAX_FIELD_CHARS] or None if isinstance(value, str) else None


def _carried(values: Mapping[str, Any], columns: CorpusColumns) -> list[tuple[str, str]] | None:
    """Return the carried columns that hold a value; None where the recipe names none."""
    names = (*columns.carry, *columns.welcome)
    found = {storable(name): _plain(find(values, name)) for name in names}
    return [(name, value) for name, value in found.items() if value is not None] if names else None
