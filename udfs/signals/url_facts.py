"""What lists say of a page's address: whether its domain or URL is on one, and how many words of one it has."""

import re
from array import array
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

import numpy as np
import numpy.typing as npt
import xxhash

from udfs.models.list_file import ListFile, entries
from udfs.page import urls
from udfs.signals.definition import Signal
from udfs.signals.word_lists import words_of

_SOURCE = "RefinedWeb (arXiv:2306.01116), appendix G.1; DCLM (arXiv:2406.11794), mlfoundations/dclm baselines/mappers/filters"
DOMAIN_KINDS = ("domains", "hosts")
WORD_KINDS = ("strict_words", "hard_words", "soft_words")
KINDS = (*DOMAIN_KINDS, "urls", *WORD_KINDS)
MAX_ENTRIES = 20_000_000  # of a list: 200 MB a worker process
_FOLDERS = 32  # of a path that are looked up
_LONGEST_HOST = 253  # characters of a name (RFC 1035)
_LIKE = str.maketrans("\u017f\u0131", "si")  # long s, dotless i
_PLAIN = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+")

SIGNALS = (
    Signal(
        "url_domain_lists", "names", "names of lists", _SOURCE,
        "Lists of kind domains or hosts that have the host, or a domain that it is below; null without such a list.",
    ),
    Signal("url_lists", "names", "names of lists", _SOURCE, "Lists of kind urls that have the URL or a folder that it is in; null without such a list."),
    Signal(
        "url_strict_words", "int", "words", _SOURCE,
        "Different words of the lists of kind strict_words anywhere in the URL, which is in lower case and without '-' and '.'.",
    ),
    Signal("url_hard_words", "int", "words", _SOURCE, "Different words of the lists of kind hard_words in the URL, as whole words."),
    Signal("url_soft_words", "int", "words", _SOURCE, "Different words of the lists of kind soft_words in the URL, as whole words."),
)  # fmt: skip


def measure(url: str | None, files: Iterable[ListFile], *, faithful: bool = False) -> dict[str, int | list[str] | None]:
    """Return the signals of a page's URL; one for whose kinds there is no list is null.

    Without a URL all are null. Without a host only what asks for a domain is: words are sought in whatever the URL is.
    `urls.host` and `urls.url_key` bring URLs and entries into one form, so scheme, `www.` as a host's first name and session ids do
    not hide a page. A host is looked up with each domain above it, down to the registered one by the Public Suffix List: an entry
    such as github.io is no domain of its users.

    With `faithful` a list of domains is asked as DCLM asks it, and so misses every host that begins with `www.` (step 1).
    """
    name, some = urls.host(url), tuple(files)
    found: dict[str, int | list[str] | None] = dict.fromkeys(signal.name for signal in SIGNALS)
    if url is None:
        return found
    if name is not None:
        domains = _as_dclm_has_it(url) if faithful else _domains(name)
        found["url_domain_lists"] = _named(some, kinds=DOMAIN_KINDS, keys=domains, verbatim=faithful)
        found["url_lists"] = _named(some, kinds=("urls",), keys=_folders(name, url))
    folded = _folded(url)
    bare = folded.replace("-", "").replace(".", "")
    for kind in WORD_KINDS:
        mine = tuple(file for file in some if file.kind == kind)
        if kind == "strict_words":
            count = sum(word in bare for word in _words(mine))
        else:
            count = sum(word in folded and _whole(word).search(folded) is not None for word in _words(mine))
        found[f"url_{kind}"] = count if mine else None
    return found


def _folded(text: str) -> str:
    """Return a text in lower case, and the two letters that DCLM's pattern takes for s and i as those."""
    return text.lower().translate(_LIKE)


@lru_cache(maxsize=8)
def _words(files: tuple[ListFile, ...]) -> frozenset[str]:
    return frozenset(_folded(word) for file in files for word in words_of(file))


@dataclass(frozen=True)
class Table:
    """Hold the hashes of several lists' entries, sorted, and for each the place of its list: ten bytes an entry."""

    hashes: npt.NDArray[np.uint64]
    owners: npt.NDArray[np.uint16]

    def owners_of(self, keys: Iterable[str]) -> set[int]:
        """Return the places of the lists that have one of the keys."""
        wanted = np.fromiter((xxhash.xxh3_64_intdigest(key.encode()) for key in keys), np.uint64)
        first, last = (np.searchsorted(self.hashes, wanted, side=side) for side in ("left", "right"))
        return {int(owner) for a, b in zip(first, last, strict=True) if a < b for owner in self.owners[a:b]}


@lru_cache(maxsize=8)
def table_of(files: tuple[ListFile, ...], *, verbatim: bool) -> Table:
    """Read lists of domains and hosts, or of URLs, once a process; `verbatim` leaves entries as they are written, but for their case.

    Of a billion pages with five keys each, 0.005 match one of 20 million entries by chance (5e9 x 2e7 / 2^64). Raises ModelError, or ValueError
    for a list of more than MAX_ENTRIES.
    """
    parts = [_hashes_of(file, verbatim=verbatim) for file in files]
    hashes = np.concatenate(parts)
    owners = np.repeat(np.arange(len(parts), dtype=np.uint16), [len(part) for part in parts])
    order = np.argsort(hashes, kind="stable")
    return Table(hashes[order], owners[order])


def _hashes_of(file: ListFile, *, verbatim: bool) -> npt.NDArray[np.uint64]:
    found = array("Q")
    for entry in entries(file):
        if verbatim:
            key: str | None = entry.lower()
        elif file.kind in DOMAIN_KINDS:
            key = _domain_key(entry)
        else:
            key = urls.url_key(f"http://{_without_scheme(entry)}")
        if key:
            found.append(xxhash.xxh3_64_intdigest(key.encode()))
        if len(found) > MAX_ENTRIES:
            raise ValueError(
                f"the list {file.name} has more than {MAX_ENTRIES:,} entries: each worker would hold them. Split it"
            )
    return np.unique(np.frombuffer(found, np.uint64)) if found else np.empty(0, np.uint64)


def _domain_key(entry: str) -> str | None:
    name = _without_scheme(entry).lower().removeprefix("*.").strip(".")
    return name if _PLAIN.fullmatch(name) else urls.host(f"http://{name}/")


def _without_scheme(entry: str) -> str:
    return re.sub(r"^[a-z]+://", "", entry.strip(), flags=re.IGNORECASE)


def _domains(name: str) -> Iterator[str]:
    """Yield a host and the domains above it, down to the registered one; of a host too long for DNS only the last ones.

    >>> list(_domains("a.b.example.co.uk"))
    ['a.b.example.co.uk', 'b.example.co.uk', 'example.co.uk']
    """
    registered = urls.domain(name) or name
    yield name
    name = name[-_LONGEST_HOST:]  # 32,000 labels, each with a folder's path, would take seconds
    while len(name) > len(registered) and "." in name:
        name = name.partition(".")[2]
        yield name


def _folders(name: str, url: str) -> Iterator[str]:
    """Yield the keys of a URL and of the folders that it is in, on its host and on the domains above it."""
    key = urls.url_key(url) or name
    path = key.partition("?")[0].partition("/")[2]
    parts = path.split("/")[:_FOLDERS] if path else []
    tails = ["/" + "/".join(parts[:n]) if n else "" for n in range(len(parts) + 1)]
    whole = key[len(key.partition("/")[0]) :] if "/" in key else ""
    for domain in _domains(name):
        yield from (f"{domain}{tail}" for tail in dict.fromkeys([whole, *tails]))


def _as_dclm_has_it(url: str) -> Iterator[str]:
    """Yield the name that DCLM looks up: the host with its port, without any "www" in it; mlfoundations/dclm, `url_substring_filter`.

    Its configuration ignores "www", and means "www.". So `www.example.com` is `.example.com`, which no list has.

    >>> list(_as_dclm_has_it("https://www.example.com:8080/page"))
    ['.example.com:8080']
    """
    with suppress(ValueError):
        yield urlsplit(url).netloc.lower().replace("www", "")


def _named(
    files: Iterable[ListFile], *, kinds: tuple[str, ...], keys: Iterable[str], verbatim: bool = False
) -> list[str] | None:
    mine = tuple(file for file in files if file.kind in kinds)
    return [mine[place].name for place in sorted(table_of(mine, verbatim=verbatim).owners_of(keys))] if mine else None


@lru_cache(maxsize=1 << 12)
def _whole(word: str) -> re.Pattern[str]:
    return re.compile(rf"\b{re.escape(word)}\b")
