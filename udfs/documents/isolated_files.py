"""Read every file in a child process: a file that kills its reader is one failed file, and the next one is read."""

from collections.abc import Iterable, Iterator

import pyarrow as pa

from udfs.documents.batches import batched
from udfs.documents.file_row import FileRange, FileRow
from udfs.isolation.isolated import ChildDied, Function, Isolated


def isolated_files(
    function: Function, files: tuple[FileRange, ...], batches: Iterable[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    """Yield what `function` makes of batches of a column `id`, indices into `files`.

    A file that kills the child gets a file row that failed as crashed; its document rows given out before are to be left out, as
    those of any failed file.
    """
    with Isolated(function) as child:
        for batch in batches:
            for place in range(batch.num_rows):
                one = batch.slice(place, 1)
                try:
                    yield from child.run(one)
                except ChildDied as died:
                    row = FileRow(files[one.column("id")[0].as_py()])
                    row.fail("crashed", f"reading it killed the process: {died}")
                    yield from batched(iter([{"file": row.row()}]))
