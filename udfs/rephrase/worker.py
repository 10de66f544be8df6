"""Rephrase the documents of corpus files inside a Python worker: file indices in, document and file rows out, as read gives them."""

import asyncio
import os
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, replace

import pyarrow as pa

from udfs.corpus.worker import ReadFiles
from udfs.documents.batches import batched, indices
from udfs.documents.file_row import MAX_ERROR_CHARS, FileRange, FileRow, Row
from udfs.documents.isolated_files import isolated_files
from udfs.edits.row_error import costs_a_row, row_error
from udfs.endpoint.client import KeyMissing
from udfs.endpoint.question import Failure
from udfs.page.extractor import storable
from udfs.rephrase.desk import Desk
from udfs.rephrase.document import rephrased
from udfs.rephrase.rewriting import Rewritten, rewrite
from udfs.rephrase.settings import Rephrase
from udfs.rephrase.style import Style, rephrases

RECORD = "rephrase"  # the type under which the file rows count what became a document row
UNANSWERED, SPENT = "unanswered", "budget"  # reasons of a file: a later run asks what is missing


@dataclass(frozen=True)
class RephraseFiles:
    """What Spark's mapInArrow runs: batches of a column `id`, indices into `files`, become batches of ROW_SCHEMA.

    A document that a style takes gives a row for each of its rephrases: extracted, dropped (empty_answer) or failed (no_answer,
    refused_request, context_overflow). A document without a text gives the row that read would give it; one that no style takes is
    dropped (not_chosen). A range of which a question has no answer, because no server is left or nothing may be spent, fails
    (unanswered, budget): its answers are kept, and the next run asks only for the rest.

    `allowances` are what each file or range may spend; None has no end.
    """

    files: tuple[FileRange, ...]
    work: Rephrase
    allowances: tuple[float, ...] | None = None
    isolate: bool = False

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Rephrase the files whose indices come in; each holds its answers in memory, old and new."""
        if self.isolate:
            yield from isolated_files(replace(self, isolate=False), self.files, batches)
            return
        for number in indices(batches):
            yield from batched(self.rows(number))

    def rows(self, number: int) -> Generator[Row, None, None]:
        """Rephrase one file or range: document rows in the order of the parents, and the file row last."""
        planned, work = self.files[number], self.work
        allowance = self.allowances[number] if self.allowances is not None else None
        try:
            desk = Desk(work, folder=work.folder(planned), allowance=allowance, environment=os.environ)
        except KeyMissing as error:
            refused = FileRow(planned)
            refused.fail(UNANSWERED, str(error))
            yield {"file": refused.row()}
            return
        loop, count, told = asyncio.new_event_loop(), 0, None
        try:
            parents = ReadFiles((planned,), work.dump, work.columns, max_row_bytes=work.max_row_bytes).rows(planned)
            for row in self._in_order(loop, desk, parents):
                told = row.get("file")
                count += told is None
                if told is None:
                    yield row
        finally:
            desk.close()
            _end(loop)
        assert told is not None
        yield {"file": told | {"records": sorted([*told["records"], (RECORD, count)])} | _lost(told, desk)}

    def _in_order(self, loop: asyncio.AbstractEventLoop, desk: Desk, rows: Iterator[Row]) -> Iterator[Row]:
        """Yield the rows that come of each row, in order, while the questions of the next ones are under way."""
        held: deque[tuple[int, asyncio.Task[list[Row]]]] = deque()
        under_way = 0
        for row in rows:
            held.append((size := self._questions(row), loop.create_task(self._made(row, desk))))
            under_way += size
            while held and (under_way > self.work.window or held[0][1].done()):
                under_way -= held[0][0]
                yield from loop.run_until_complete(held.popleft()[1])
        while held:
            yield from loop.run_until_complete(held.popleft()[1])

    def _questions(self, row: Row) -> int:
        """Estimate how many questions a row makes, an even share of its characters for each segment."""
        parent = row.get("document") or {}
        text = parent.get("text")
        if not text:
            return 0
        made = rephrases(str(parent["id"]), self.work.styles, seed=self.work.seed)
        return sum(1 + len(text) // (4 * style.segment_tokens) for style, _ in made)

    async def _made(self, row: Row, desk: Desk) -> list[Row]:
        """Return the rows that come of a row of the corpus."""
        parent = row.get("document")
        if parent is None or parent["outcome"] != "extracted":
            return [row]
        wanted = list(rephrases(str(parent["id"]), self.work.styles, seed=self.work.seed))
        if not wanted:
            return [{"document": parent | {"text": None, "outcome": "dropped", "reason": "not_chosen"}}]
        asked = (self._rewritten(parent, style, nth, desk) for style, nth in wanted)
        return [{"document": row} for row in await asyncio.gather(*asked)]

    async def _rewritten(self, parent: Row, style: Style, nth: int, desk: Desk) -> Row:
        """Return one rephrase's row. What raises costs that one alone."""
        found: Rewritten | Failure
        try:
            found = await rewrite(parent["text"], style, nth=nth, model=self.work.model, ask=desk.ask)
        except BaseException as error:
            if not costs_a_row(error):
                raise
            found = Failure("rephrase_error", row_error(error))
        return rephrased(parent, style, nth, found, dump=self.work.dump)


def _lost(told: Row, desk: Desk) -> Row:
    """Say that a range failed if a question of it may be answered later."""
    if told["outcome"] == "failed":
        return {}
    for failure in desk.failures.values():
        if not failure.lasting:
            reason = SPENT if failure.reason == "budget" else UNANSWERED
            return {"outcome": "failed", "reason": reason, "error": storable(failure.what)[:MAX_ERROR_CHARS]}
    return {}


def _end(loop: asyncio.AbstractEventLoop) -> None:
    """End what is still under way, if the rows were not wanted to the end."""
    tasks = asyncio.all_tasks(loop)
    for task in tasks:
        task.cancel()
    if tasks:
        loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()
