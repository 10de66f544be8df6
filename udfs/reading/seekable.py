"""Read a file at any place, as Parquet needs, with few requests: bytes come in blocks, and the last blocks are kept."""

from collections import OrderedDict

from udfs.reading.location import InputFile

BLOCK_BYTES = 2 << 20
BLOCKS = 16  # Parquet reads a row group's columns side by side: each needs the block where it stands
MAX_BLOCKS = 64


class SeekableFile:
    """A file-like object over an InputFile; `pyarrow.PythonFile` and everything that seeks can read it.

    A block costs one request, and blocks that are read one after another share one. At most `blocks` of BLOCK_BYTES are held.
    """

    def __init__(self, file: InputFile, *, blocks: int = BLOCKS, block_bytes: int = BLOCK_BYTES) -> None:
        self.closed = False
        self.bytes_requested = 0
        self._file = file
        self._size = file.size()
        self._blocks: OrderedDict[int, bytes] = OrderedDict()
        self._max_blocks = blocks
        self._block_bytes = block_bytes
        self._position = 0

    def hold(self, blocks: int) -> None:
        """Hold at least so many blocks from now on, and MAX_BLOCKS at most; with fewer than there are columns, blocks come twice."""
        self._max_blocks = max(self._max_blocks, min(blocks, MAX_BLOCKS))

    def size(self) -> int:
        """Return the file's length in bytes."""
        return self._size

    def readable(self) -> bool:
        """Say that the file can be read."""
        return True

    def seekable(self) -> bool:
        """Say that the file can be read at any place."""
        return True

    def writable(self) -> bool:
        """Say that the file cannot be written."""
        return False

    def tell(self) -> int:
        """Return the offset of the next byte."""
        return self._position

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go to a byte, counted from the start (0), from here (1) or from the end (2)."""
        base = (0, self._position, self._size)[whence]
        self._position = max(0, base + offset)
        return self._position

    def read(self, size: int = -1, /) -> bytes:
        """Return `size` bytes, fewer only at the end of the file; raises LocationError."""
        end = self._size if size < 0 else min(self._size, self._position + size)
        parts = []
        while self._position < end:
            number, inside = divmod(self._position, self._block_bytes)
            part = self._block(number, wanted=end)[inside : inside + end - self._position]
            if not part:
                raise self._file.shorter(self._size, self._position)
            parts.append(part)
            self._position += len(part)
        return b"".join(parts)

    def close(self) -> None:
        """Forget the blocks."""
        self.closed = True
        self._blocks.clear()

    def flush(self) -> None:
        """Do nothing: nothing is written."""

    def _block(self, number: int, *, wanted: int) -> bytes:
        """Return a block; where it is absent, ask for it, together with the absent ones that follow it up to byte `wanted`."""
        if number in self._blocks:
            self._blocks.move_to_end(number)
            return self._blocks[number]
        last = number
        while last + 1 - number < self._max_blocks and (last + 1) * self._block_bytes < wanted and last + 1 not in self._blocks:
            last += 1
        start, stop = number * self._block_bytes, min(self._size, (last + 1) * self._block_bytes)
        data = self._ask(start, stop)
        for offset in range(0, len(data), self._block_bytes):
            self._blocks[number + offset // self._block_bytes] = data[offset : offset + self._block_bytes]
        while len(self._blocks) > self._max_blocks:
            oldest = next(key for key in self._blocks if key != number)
            del self._blocks[oldest]
        return self._blocks.get(number, b"")

    def _ask(self, start: int, stop: int) -> bytes:
        self.bytes_requested += stop - start
        stream = self._file.open_at(start, stop)
        try:
            parts = []
            while start < stop and (part := stream.read(stop - start)):
                parts.append(part)
                start += len(part)
        finally:
            stream.close()
        return b"".join(parts)
