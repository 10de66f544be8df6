"""Common Crawl's columnar index as a Spark table, with its schema said beforehand, and the check of a predicate over it."""

from collections.abc import Sequence
from functools import reduce

from pyspark.errors import AnalysisException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from jobs.crawl.settings import IndexFilter
from jobs.engine.columns import complaint
from jobs.engine.errors import RecipeError
from jobs.engine.small_table import small_table

# github.com/commoncrawl/cc-index-table, src/main/resources/schema/cc-index-schema-flat.json. Columns that came later are null in
# the files of older crawls; crawl and subset are levels of the folder.
COLUMNS = (
    "url_surtkey string, url string, url_host_name string, url_host_tld string, url_host_2nd_last_part string, "
    "url_host_3rd_last_part string, url_host_4th_last_part string, url_host_5th_last_part string, "
    "url_host_registry_suffix string, url_host_registered_domain string, url_host_private_suffix string, "
    "url_host_private_domain string, url_host_name_reversed string, url_protocol string, url_port int, url_path string, "
    "url_query string, fetch_time timestamp, fetch_status short, fetch_redirect string, content_digest string, "
    "content_mime_type string, content_mime_detected string, content_charset string, content_languages string, "
    "content_truncated string, warc_record_id binary, warc_filename string, warc_record_offset int, warc_record_length int, "
    "warc_segment string, crawl string, subset string"
)


def read_index(spark: SparkSession, locations: Sequence[str]) -> DataFrame:
    """Read an index; what cannot be read raises RecipeError before any work."""
    return reduce(DataFrame.unionByName, [_read(spark, location) for location in locations])


def _read(spark: SparkSession, location: str) -> DataFrame:
    reader = spark.read.schema(COLUMNS)
    base, level, _ = location.partition("/crawl=")  # below it Spark takes crawl and subset from the folders' names
    try:
        return (reader.option("basePath", base) if level else reader).parquet(location)
    except Exception as error:  # a missing folder, a file system without its jar, refused credentials: each has its own class
        raise RecipeError(
            f"[extract.index_filter] index {location!r} cannot be read by Spark ({complaint(error)}); nothing was run. Give a folder or file of cc-index Parquet, "
            f"by a scheme that this Spark knows (s3a:// needs hadoop-aws, EMR knows s3://)"
        ) from None


def check_index_filter(spark: SparkSession, index_filter: IndexFilter) -> None:
    """Have Spark analyse the predicate against the index's columns; raise RecipeError naming them if it does not fit."""
    rows = small_table(spark, [], COLUMNS)
    fault = _fault(rows, index_filter.where)
    if fault is not None:
        raise RecipeError(
            f"[extract.index_filter] where = {index_filter.where!r} {fault}: no record could be chosen, so nothing was run. Mend it.\n"
            f"  the index's columns: {', '.join(rows.columns)}"
        )


def _fault(rows: DataFrame, where: str) -> str | None:
    try:
        tried = rows.select(F.expr(where).alias("chosen"))
        kind = tried.schema["chosen"].dataType.simpleString()
    except AnalysisException as error:
        return f"does not fit the index ({complaint(error)})"
    if kind != "boolean":
        return f"gives {kind}, not true or false"
    plan = tried._jdf.queryExecution().analyzed()
    if plan.nodeName() == "Aggregate":
        return "looks at all records at once; a predicate sees one"
    if not plan.deterministic():
        return "chooses otherwise at every run; use a hash, such as pmod(xxhash64(url), 100) < 10"
    return None
