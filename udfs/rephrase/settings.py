"""What the workers of rephrase are told: the same value for those that ask, those that count and those that write batches."""

import hashlib
from dataclasses import dataclass, field

from udfs.corpus.columns import CorpusColumns
from udfs.documents.file_row import FileRange
from udfs.endpoint.allowance import Price
from udfs.endpoint.client import Endpoint
from udfs.rephrase.style import Style


@dataclass(frozen=True)
class Rephrase:
    """Describe the work: `answers` is the folder that keeps what was paid for, `window` how many questions are under way at once."""

    model: str
    styles: tuple[Style, ...]
    endpoint: Endpoint
    answers: str
    dump: str
    seed: int = 0
    columns: CorpusColumns = field(default_factory=CorpusColumns)
    max_row_bytes: int = 32 << 20
    price: Price = field(default_factory=Price)

    @property
    def window(self) -> int:
        """Return how many questions may be under way, those that wait for a server included: a slow one must not idle the rest."""
        return 4 * self.endpoint.concurrency

    def folder(self, planned: FileRange) -> str:
        """Return the folder of the answers to a range's questions."""
        return f"{self.answers}/{place_of(planned)}"


def place_of(planned: FileRange) -> str:
    """Name a range of a file, however often and in whichever chunk it is planned: 12 hexadecimal digits."""
    return hashlib.sha256(f"{planned.file_path}\0{planned.start}".encode("utf-8", "surrogatepass")).hexdigest()[:12]
