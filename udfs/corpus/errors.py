"""What can be wrong with a corpus as a whole, apart from a location that cannot be read."""


class CorpusError(ValueError):
    """A corpus that cannot be read as the recipe says; the text says what is wrong and what to do."""


class MissingColumn(CorpusError):
    """A file lacks a column that the recipe names, or that no run can do without."""


class UnknownFormat(CorpusError):
    """A file that is neither Parquet nor JSONL."""
