"""Read WCXB's development split: 1,497 pages of seven kinds with their main text."""

import gzip
import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.extraction.gold_page import GoldPage, site_of
from udfs.page.extractor import PageRequest


def load_wcxb(folder: Path) -> list[GoldPage]:
    """Read gold.jsonl.gz and html.tar.xz of a folder, in the order of the first; about 0.4 GB.

    Raises ValueError if a row's page is not in the archive.
    """
    with gzip.open(folder / "gold.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    bodies = dict(_bodies(folder / "html.tar.xz"))
    missing = [row["page"] for row in rows if row["page"] not in bodies]
    if missing:
        raise ValueError(f"{len(missing)} pages of gold.jsonl.gz are not in html.tar.xz, first {missing[0]}: get both together")
    return [_page(row, bodies[row["page"]]) for row in rows]


def _bodies(archive: Path) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(archive, "r:xz") as members:
        for member in members:
            content = members.extractfile(member)
            if content is not None and member.name.endswith(".html"):
                yield Path(member.name).stem, content.read()


def _page(row: dict[str, Any], body: bytes) -> GoldPage:
    return GoldPage(
        id=f"wcxb-{row['page']}",
        url=row["url"] or f"urn:wcxb:{row['page']}",  # five pages have none
        site=site_of(row["url"] or f"urn:wcxb:{row['page']}"),
        column="wcxb",
        source="wcxb",
        kind=row["page_type"],
        language=None,
        request=PageRequest(body=body, mime="text/html", charset="utf-8"),
        gold=row["main_content"],
        must_contain=tuple(row["must"]),
        must_not_contain=tuple(row["must_not"]),
    )
