import random
from pathlib import Path

import pytest

from tests.reading.range_server import served
from udfs.reading.location import InputFile, LocationError
from udfs.reading.seekable import MAX_BLOCKS, SeekableFile

CONTENT = random.Random(1).randbytes(10_000)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "a").write_bytes(CONTENT)
    return tmp_path / "a"


def test_any_place_is_read_as_a_plain_file_reads_it(path: Path) -> None:
    file = SeekableFile(InputFile(str(path)), blocks=3, block_bytes=700)
    rng = random.Random(2)
    with path.open("rb") as plain:
        for _ in range(2000):
            whence = rng.choice((0, 1, 2))
            offset = {0: rng.randrange(11_000), 1: rng.randrange(50), 2: -rng.randrange(10_000)}[whence]
            size = rng.choice((-1, 0, 1, 50, 699, 5000))
            assert file.seek(offset, whence) == plain.seek(offset, whence)
            assert (file.read(size), file.tell()) == (plain.read(size), plain.tell())
            assert len(file._blocks) <= 3
    assert file.size() == len(CONTENT)


def test_blocks_that_follow_each_other_are_one_request_and_kept_ones_none(path: Path, tmp_path: Path) -> None:
    with served(tmp_path) as server:
        file = SeekableFile(InputFile(f"{server.base}/a"), blocks=4, block_bytes=1000)
        server.requests.clear()
        file.seek(1500)
        assert file.read(2000) == CONTENT[1500:3500]
        assert server.requests == [("a", 1000, 4000)]
        file.seek(1000)
        assert file.read(3000) == CONTENT[1000:4000]
        assert len(server.requests) == 1
        assert file.bytes_requested == 3000


def test_no_more_is_held_than_asked_for_and_allowed(path: Path) -> None:
    file = SeekableFile(InputFile(str(path)), blocks=2, block_bytes=10)
    file.hold(1000)
    file.read()
    assert len(file._blocks) == MAX_BLOCKS


def test_a_file_that_has_become_shorter_is_told(path: Path) -> None:
    file = SeekableFile(InputFile(str(path)), block_bytes=1000)
    path.write_bytes(CONTENT[:5500])
    with pytest.raises(LocationError, match="it had 10000 bytes and now ends at byte 5500"):
        file.read()
