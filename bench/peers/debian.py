"""Make a corpus of real texts: the pages of Debian's documentation packages, as plain text, one Parquet file.

    python -m bench.peers.debian FOLDER             packages are downloaded and unpacked below it; texts go to FOLDER/debian.parquet

It needs apt-get and dpkg-deb, and no rights: nothing is installed. A page is one file of HTML or one manual page; those of fewer
than 100 characters are left out. Licences are those of the packages, so the texts stay outside the project.
"""

import argparse
import gzip
import re
import subprocess
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.encoding import bytes_to_str, detect_encoding

PACKAGES = (
    *("openjdk-17-doc", "libboost1.74-doc", "linux-doc-6.1", "rust-doc", "python3.11-doc", "perl-doc", "postgresql-doc-15"),
    *("debian-handbook", "installation-guide-amd64", "installation-guide-arm64", "installation-guide-i386", "apache2-doc"),
    *("manpages", "manpages-dev", "manpages-de", "manpages-fr", "manpages-es", "manpages-pl", "manpages-pt-br", "manpages-it"),
    *("manpages-ru", "manpages-nl", "manpages-ro", "manpages-cs", "manpages-da", "manpages-hu", "manpages-sv", "manpages-ja"),
    *("libreoffice-help-en-us", "libreoffice-help-en-gb", "libreoffice-help-de", "libreoffice-help-fr", "libreoffice-help-es"),
    *("libreoffice-help-it", "libreoffice-help-pl", "libreoffice-help-pt", "libreoffice-help-pt-br", "libreoffice-help-ru"),
    *("libreoffice-help-nl", "libreoffice-help-sv", "libreoffice-help-da", "libreoffice-help-cs", "libreoffice-help-hu"),
    *("maxima-doc", "r-doc-html", "vim-doc", "octave-doc", "debian-policy", "developers-reference", "python-numpy-doc"),
    *("python-scipy-doc", "python-matplotlib-doc", "python-django-doc", "python-pandas-doc", "qtbase5-doc-html"),
)
LEAST = 100  # characters
REQUEST = re.compile(r"^[.'].*$", re.MULTILINE)  # of roff: a line that is an order and no text
ESCAPE = re.compile(r"\\(?:f(?:\[[^\]]*\]|\(..|.)|\([a-z]{2}|[&%|^\-e])")


def main() -> None:
    """Download, unpack and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    folder: Path = parser.parse_args().folder.absolute()
    unpacked = [fetch(package, folder) for package in PACKAGES]
    there = [package for package in unpacked if package is not None]
    files = [file for package in there for file in pages_of(package)]
    with ProcessPoolExecutor(2) as workers:
        texts = list(workers.map(text_of, files, chunksize=200))
    rows = [(str(file.relative_to(folder)), text) for file, text in zip(files, texts, strict=True) if len(text) >= LEAST]
    columns = {"id": [id_ for id_, _ in rows], "text": [text for _, text in rows]}
    pq.write_table(pa.table(columns), folder / "debian.parquet", compression="zstd")
    print(f"{len(rows):,} texts of {len(there)} packages, {sum(map(len, columns['text'])) / 1e6:.0f} million characters")


def fetch(package: str, folder: Path) -> Path | None:
    """Download and unpack a package once; return its folder, or None for one that this Debian does not have."""
    place = folder / package
    if not place.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        if subprocess.run(["apt-get", "download", "-qq", package], cwd=folder, check=False).returncode:
            print(f"{package} is not to be had here, and its pages are left out")
            return None
        (file,) = folder.glob(f"{package}_*.deb")
        subprocess.run(["dpkg-deb", "-x", str(file), f"{place}.part"], check=True)
        file.unlink()
        Path(f"{place}.part").rename(place)
    return place


def pages_of(place: Path) -> Iterator[Path]:
    """Yield the files that are pages, in the order of their names; links are other names of pages and left out."""
    for file in sorted(place.rglob("*")):
        manual = "/man/" in str(file) and file.suffix == ".gz"
        if (manual or file.suffix in (".html", ".htm")) and file.is_file() and not file.is_symlink():
            yield file


def text_of(file: Path) -> str:
    """Return a page's plain text; of a manual page, its lines that are no orders."""
    if file.suffix == ".gz":
        roff = gzip.decompress(file.read_bytes()).decode("utf-8", errors="replace")
        return ESCAPE.sub("", REQUEST.sub("", roff)).strip()
    page = file.read_bytes()
    text: str = extract_plain_text(bytes_to_str(page, detect_encoding(page) or "utf-8"), main_content=False)
    return text.strip()


if __name__ == "__main__":
    main()
