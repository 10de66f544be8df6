"""Which columns of a corpus hold the text and what is known of it: the keys that every source which reads a corpus has."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from jobs.recipe.section import Section
from udfs.corpus.columns import CorpusColumns

DEFAULT = CorpusColumns()


def _listed(given: Any) -> Any:
    """Take one name for a list of one; a list becomes the tuple that a strict check wants."""
    return (given,) if isinstance(given, str) else tuple(given) if isinstance(given, list) else given


Names = Annotated[tuple[str, ...], BeforeValidator(_listed)]


class Columns(Section):
    """Name columns of a corpus.

    Each key is a column, or several of which the first that is there counts; dots lead into nested ones. The defaults fit FineWeb,
    DCLM-baseline and Dolma as they are published.
    """

    text: Names = Field(DEFAULT.text, min_length=1, description="the text of a document; a file without it is refused")
    id: Names = Field(DEFAULT.id, description="its id; a row without one gets its file's path and its place in it")
    url: Names = Field(DEFAULT.url, description="its address")
    date: Names = Field(DEFAULT.date, description="when it was captured")
    language: Names = Field(DEFAULT.language, description="its language by the corpus, kept as page_language")
    dump: Names = Field(DEFAULT.dump, description="its crawl; a row without one gets [run] dump")
    carry: Names = Field((), description="further columns to carry along, as the column carried")

    def columns(self) -> CorpusColumns:
        """Return the columns as the workers take them."""
        return CorpusColumns(self.text, self.id, self.url, self.date, self.language, self.dump, self.carry)
