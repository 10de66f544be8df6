"""URL facts: lists in the forms that their makers publish, domains below domains, folders, and words of three kinds."""

import gzip
import hashlib
import io
import tarfile
from pathlib import Path
from typing import Any

import pytest

from udfs.models.list_file import ListFile, entries
from udfs.models.model_file import ModelError
from udfs.signals import url_facts
from udfs.signals.url_facts import measure, table_of


def listed(folder: Path, content: str | bytes, *, kind: Any, name: str = "one") -> ListFile:
    path = folder / f"{kind}-{name}"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return ListFile(name, kind, str(path), hashlib.sha256(path.read_bytes()).hexdigest())


def archive(**members: str) -> bytes:
    """Pack files as UT1 packs a category."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for name, content in members.items():
            info = tarfile.TarInfo(f"adult/{name}")
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content.encode()))
    return packed.getvalue()


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("domains", "bad.example\n\n# worse.example\nother.example\n"),
        ("domains", gzip.compress(b"bad.example\r\nother.example")),
        ("domains", archive(urls="no.example/a\n", domains="bad.example\nother.example\n", usage="black")),
        ("hosts", "# hosts\n127.0.0.1 bad.example\n0.0.0.0 other.example # since 2020\n\n"),
        ("domains", "\ufeff# list\nbad.example # worst\nother.example\t# bad\n"),
        ("bad_words", "\ufeffbad.example\nother.example\n"),
    ],
    ids=["plain", "gzip", "archive", "hosts", "comments", "mark"],
)
def test_a_list_is_read_as_it_is_published(tmp_path: Path, kind: Any, content: str | bytes) -> None:
    assert list(entries(listed(tmp_path, content, kind=kind))) == ["bad.example", "other.example"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("bad.example\n".encode("utf-16"), "is UTF-16 and not UTF-8"),
        (gzip.compress(b"bad.example\n" * 99)[:-9], "is broken"),
        (gzip.compress(b"bad.example\n" * 99)[:-8] + bytes(8), "is broken"),
        (archive(domains="bad.example\n" * 9)[:-40], "is broken"),
    ],
    ids=["UTF-16", "cut", "sum", "archive"],
)
def test_a_list_that_cannot_be_read_whole_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    with pytest.raises(ModelError, match=said):
        list(entries(listed(tmp_path, content, kind="domains")))


@pytest.mark.parametrize(
    "entry", ["https://bad.example/", "HTTP://Bad.example:8080/x", "bad.example # since 2020", "*.bad.example."]
)
def test_an_entry_of_domains_is_its_host_however_it_is_written(tmp_path: Path, entry: str) -> None:
    lists = [listed(tmp_path, f"{entry}\n", kind="domains")]
    assert measure("https://a.bad.example/page", lists)["url_domain_lists"] == ["one"]


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("https://bad.example/page", True),
        ("http://WWW.Bad.example:8080/", True),
        ("https://a.b.bad.example", True),
        ("https://notbad.example", False),
        ("https://example", False),
        ("https://someone.github.io/", False),
        ("https://github.io/", True),
        ("https://xn--mller-kva.example/", True),
        ("https://192.0.2.7/x", True),
        ("https://192.0.2.70/x", False),
    ],
)
def test_a_domain_covers_the_hosts_below_it_but_a_public_suffix_only_itself(tmp_path: Path, url: str, found: bool) -> None:
    domains = listed(tmp_path, "*.bad.example\ngithub.io\nMÜLLER.example\n192.0.2.7\n", kind="domains")
    assert measure(url, [domains])["url_domain_lists"] == (["one"] if found else [])


@pytest.mark.parametrize(
    ("url", "corrected", "faithful"),
    [
        ("https://Bad.example/page", True, True),
        ("https://www.bad.example/page", True, False),
        ("https://a.bad.example/", True, False),
        ("https://bad.example:8080/", True, False),
        ("https://wwwbad.example/", False, True),
        ("https://www.other.example/", True, True),
        ("https://other.example/", True, False),
        ("http://[bad/", None, None),
    ],
)
def test_a_list_that_is_asked_as_dclm_asks_it_misses_hosts_that_begin_with_www(
    tmp_path: Path, url: str, corrected: bool | None, faithful: bool | None
) -> None:
    """The verdicts are those of DCLM's url_substring_filter with ignore_chars ["www"] and exact_domain_match."""
    domains = listed(tmp_path, "BAD.example\n.other.example\n", kind="domains")
    expected = {True: ["one"], False: [], None: None}
    assert measure(url, [domains])["url_domain_lists"] == expected[corrected]
    assert measure(url, [domains], faithful=True)["url_domain_lists"] == expected[faithful]


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("https://www.site.example/forum/", True),
        ("http://site.example/forum/thread?id=4", True),
        ("https://site.example/forums", False),
        ("https://site.example/", False),
        ("https://site.example/page.php?id=7&utm_source=x", True),
        ("https://site.example/page.php?id=70", False),
        ("https://192.0.2.7/anything", True),
    ],
)
def test_a_url_covers_the_pages_of_its_folder(tmp_path: Path, url: str, found: bool) -> None:
    some = listed(tmp_path, "site.example/forum/\nhttps://site.example/page.php?id=7\n192.0.2.7\n", kind="urls")
    assert measure(url, [some])["url_lists"] == (["one"] if found else [])


def test_words_are_counted_as_refinedweb_has_them(tmp_path: Path) -> None:
    lists = [
        listed(tmp_path, "badword\nworse\n", kind="strict_words"),
        listed(tmp_path, "cams\nchat\n", kind="hard_words"),
        listed(tmp_path, "escort\nwebcam\nmeet\n", kind="soft_words"),
    ]
    counts = ("url_strict_words", "url_hard_words", "url_soft_words")

    def of(url: str) -> tuple[object, ...]:
        found = measure(url, lists)
        return tuple(found[name] for name in counts)

    assert of("https://example.org/B-a-d.Word/worse") == (2, 0, 0)
    assert of("https://live-cams.example.org/chatter") == (0, 1, 0)
    assert of("https://example.org/webcam/meet/webcam") == (0, 0, 2)
    assert of("https://example.org/webcams") == (0, 0, 0)
    assert of("https://e\u017fcort.example/MEET/e\u017fcort") == (0, 0, 2)
    assert of("mailto:badword@chat.example") == of("badword chat") == (1, 1, 0)


def test_what_no_list_or_no_address_tells_is_null(tmp_path: Path) -> None:
    domains = listed(tmp_path, "bad.example", kind="domains")
    nothing = dict.fromkeys(signal.name for signal in url_facts.SIGNALS)
    words = listed(tmp_path, "bad", kind="strict_words")
    assert measure(None, [domains, words]) == measure("mailto:a@bad.example", [domains]) == nothing
    assert measure("mailto:a@bad.example", [domains, words]) == nothing | {"url_strict_words": 1}
    assert measure("https://bad.example", []) == nothing
    assert measure("https://bad.example", [domains]) == nothing | {"url_domain_lists": ["one"]}


def test_a_host_that_is_too_long_for_dns_is_looked_up_by_its_last_domains(tmp_path: Path) -> None:
    host = "a." * 30_000 + "bad.example"
    assert len(list(url_facts._domains(host))) < 128
    assert measure(f"https://{host}/", [listed(tmp_path, "bad.example", kind="domains")])["url_domain_lists"] == ["one"]


def test_an_entry_costs_ten_bytes_and_a_list_is_read_once(tmp_path: Path) -> None:
    many = listed(tmp_path, "\n".join(f"site{number}.example" for number in range(5000)), kind="domains")
    table = table_of((many,), verbatim=False)
    assert table.hashes.nbytes + table.owners.nbytes == 50_000
    Path(many.path).unlink()
    assert measure("https://a.site4999.example/", [many])["url_domain_lists"] == ["one"]


def test_a_list_that_is_too_long_for_a_worker_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(url_facts, "MAX_ENTRIES", 2)
    with pytest.raises(ValueError, match="more than 2 entries"):
        table_of((listed(tmp_path, "a.example\nb.example\nc.example\n", kind="domains", name="long"),), verbatim=False)


def test_a_page_is_on_each_list_that_has_it_in_the_recipes_order(tmp_path: Path) -> None:
    contents = {"z": "bad.example\n", "none": "other.example\n", "a": "www.bad.example\nbad.example\nbad.example\n"}
    lists = [listed(tmp_path, content, kind="domains", name=name) for name, content in contents.items()]
    hosts = listed(tmp_path, "0.0.0.0 bad.example\n", kind="hosts", name="h")
    assert measure("https://www.bad.example/", [*lists, hosts])["url_domain_lists"] == ["z", "a", "h"]
