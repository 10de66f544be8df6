"""A chunk that has no documents any more leaves no annotations."""

from pathlib import Path

from jobs.engine.root import Root
from jobs.publish.annotations import FOLDER, delete_gone


def test_the_annotations_of_chunks_without_documents_go_and_all_others_stay(tmp_path: Path) -> None:
    for crawl in ("CC-A", "CC-B"):
        for chunk in ("00000", "00001"):
            folder = tmp_path / f"{FOLDER}/crawl={crawl}/chunk={chunk}"
            folder.mkdir(parents=True)
            (folder / "part.parquet").write_bytes(b"x")
    for chunk in ("00000", "00001"):
        Root(None, str(tmp_path)).markers.write_chunk(FOLDER, chunk, {"files": 1})
    root = Root(None, str(tmp_path))
    delete_gone(root, {"00001": "key", "00002": "key"})
    left = sorted(str(path.relative_to(tmp_path / FOLDER)) for path in tmp_path.rglob("*") if path.is_file())
    assert left == ["_chunks/00001.json", "crawl=CC-A/chunk=00001/part.parquet", "crawl=CC-B/chunk=00001/part.parquet"]
    assert list(root.markers.chunks(FOLDER)) == ["00001"]
