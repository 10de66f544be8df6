"""The texts of a corpus that lies anywhere: Parquet or JSONL, of ours or of others, file by file."""

from collections.abc import Iterable, Iterator

from jobs.engine.errors import RecipeError
from udfs.corpus.columns import CorpusColumns
from udfs.corpus.errors import CorpusError
from udfs.corpus.folders import corpus_files
from udfs.corpus.planning import check_columns
from udfs.corpus.worker import ReadFiles
from udfs.documents.file_row import FileRange
from udfs.reading.location import LocationError


def corpus_texts(locations: Iterable[str], column: str, *, where: str) -> Iterator[str]:
    """Yield the texts of files, folders and globs; a row without a text is passed over.

    Raises RecipeError, beginning with `where`, for a location that is not there, a file that cannot be read or lacks the column.
    """
    columns = CorpusColumns(text=(column,))
    try:
        for location in locations:
            for file in corpus_files(location):
                check_columns(file, columns)
                yield from _texts(file, columns, where=where)
    except (LocationError, CorpusError) as error:
        raise RecipeError(f"{where} cannot be read: {error}; nothing was run") from None


def _texts(file: str, columns: CorpusColumns, *, where: str) -> Iterator[str]:
    whole = FileRange(file, 0)
    for row in ReadFiles((whole,), "", columns).rows(whole):
        document, told = row.get("document"), row.get("file")
        if document is not None and document.get("text"):
            yield document["text"]
        if told is not None and told.get("outcome") == "failed":
            raise RecipeError(f"{where}: {file} cannot be read: {told.get('error')}; nothing was run. Mend it or leave it out")
