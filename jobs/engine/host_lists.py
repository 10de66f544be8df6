"""Files of hosts and domains, a line each: read once a run, and looked up without a Python worker."""

import gzip
import hashlib
import io
import re
import zlib
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.engine.errors import RecipeError
from jobs.recipe.text import decoded
from jobs.recipe.where import column_of
from udfs.page.urls import host
from udfs.reading.local_path import check_name
from udfs.reading.location import LocationError, open_location

MAX_BYTES = 256 << 20  # of the file as it lies there, and of its text: some ten million hosts
_NAME = re.compile(r"(?!.*\.\.)[^\s/:?#@,;'\"<>\[\]{}|\\^`*]+")


def digests(names: Iterable[str]) -> dict[str, str] | None:
    """Return the sha256 of each file of hosts, by its name; None if there is no file. Raises RecipeError as `hosts_of` does."""
    return {name: _digest(hosts_of(name)) for name in sorted(set(names))} or None


def hosts_of(name: str) -> list[str]:
    """Read a file of hosts, a path or a location, which may be gzip: sorted, in Punycode and lower case.

    A line is a host or a domain. What follows a `#` is a comment. Raises RecipeError for a file that cannot be read, that is too
    large, or has no host, and for a line that is none.
    """
    check_name(name)
    found = {one for line in _text(name).split("\n") if (one := _host(line, name)) is not None}
    if not found:
        raise RecipeError(f"{name} has no host, so what is limited to its hosts would see no page; nothing was run")
    return sorted(found)


def marked(rows: DataFrame, lists: Mapping[str, str] | None) -> DataFrame:
    """Add a column for each file of hosts: whether `host` is in it, or lies below a domain in it. No host is in no file.

    Each host is looked up once, however many documents it has. Raises RecipeError if a file is not what `digests` has read.
    """
    hosts = _hosts(rows) if lists else rows
    for name, digest in (lists or {}).items():
        listed = hosts_of(name)
        if _digest(listed) != digest:
            raise RecipeError(f"{name} has changed while the run went on; run the same command again")
        names = rows.sparkSession.createDataFrame(pa.table({"name": pa.array(listed, pa.string())}))
        rows = _joined(rows, hosts.join(names, on="name", how="left_semi"), column_of(name))
    return rows


def _hosts(rows: DataFrame) -> DataFrame:
    """Return each host once with each name that it lies below, itself included: a.b.c, b.c, c."""
    parts = F.split("host", r"\.")
    ends = F.transform(F.sequence(F.lit(1), F.size(parts)), lambda start: F.slice(parts, start, F.size(parts)))
    above = F.explode(F.transform(ends, lambda end: F.array_join(end, "."))).alias("name")
    return rows.where("host IS NOT NULL").groupBy("host").agg(F.count("*")).select("host", above)


def _joined(rows: DataFrame, hits: DataFrame, column: str) -> DataFrame:
    found = hits.groupBy("host").agg(F.lit(True).alias(column))
    quoted = F.col("`" + column.replace("`", "``") + "`")
    return rows.join(found, on="host", how="left").withColumn(column, F.coalesce(quoted, F.lit(False)))


def _digest(hosts: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(hosts).encode()).hexdigest()


def _text(name: str) -> str:
    try:
        with closing(open_location(name)) as stream:
            body = stream.read(MAX_BYTES + 1)
    except LocationError as error:
        raise RecipeError(
            f"the file of hosts {name} cannot be read: {error.what}; nothing was run. Name one file, with a host or a domain a line"
        ) from None
    if body[:2] == b"\x1f\x8b":
        body = _unpacked(body, name)
    if len(body) > MAX_BYTES:
        raise RecipeError(f"{name} has more than {MAX_BYTES >> 20} MB: too large for a file of hosts; nothing was run")
    return decoded(body, what=f"the file of hosts {name}")


def _unpacked(body: bytes, name: str) -> bytes:
    try:
        return gzip.GzipFile(fileobj=io.BytesIO(body)).read(MAX_BYTES + 1)
    except (EOFError, OSError, zlib.error) as error:
        raise RecipeError(f"the file of hosts {name} is broken ({error}); nothing was run. Fetch it anew") from None


def _host(line: str, name: str) -> str | None:
    word = line.partition("#")[0].strip()
    if not word:
        return None
    bare = word.removeprefix("*").removeprefix(".").rstrip(".")
    found = host(f"http://{bare}/") if _NAME.fullmatch(bare) else None
    if found is None:
        raise RecipeError(f"{name}: the line {word[:100]!r} is no host; nothing was run. Give a host or a domain a line")
    return found
