"""Compare the set `urls`, with `faithful`, with DCLM's own filter of URLs on steps 1 to 4: domains, strict, hard and soft words.

    python -m bench.signals.url_words_parity urls --words banlists --domains domains.txt --pages pages.jsonl.gz --hosts hosts.txt.gz > urls.jsonl
    python -m bench.signals.url_words_parity compare --words banlists --domains domains.txt --urls urls.jsonl --verdicts verdicts.jsonl

bench/signals/url_words_reference.py makes the verdicts. The words are DCLM's, three files in its folder `banlists`. Prints Markdown: a
table of decisions by step and kind of URL, then every disagreement.
"""

import argparse
import gzip
import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from udfs.models.list_file import Kind, ListFile, entries
from udfs.signals import url_facts

KINDS: dict[str, Kind] = {"strict": "strict_words", "hard": "hard_words", "soft": "soft_words"}
MOST = {"domains": 0, "strict": 0, "hard": 0, "soft": 1}  # lists that a page's host may be on, and words that it may have
HOST_FORMS = (
    "http://{0}/",
    "https://www.{0}/page",
    "https://www2.{0}/",
    "https://a.{0}/",
    "http://{0}:8080/",
    "http://me@{0}/",
    "HTTP://{1}/",
)
# a word in the middle, at an edge, in pieces, in capitals, escaped; after it another of its list
FORMS = (
    "https://{0}.example/", "https://www.{0}{1}.example/", "https://my-{0}.example/{1}", "https://site.example/{0}",
    "https://site.example/a{0}b/", "https://site.example/{0}s", "https://site.example/{0}_{1}", "https://site.example/{0}/{1}.html",
    "https://site.example/{0}-{0}", "https://site.example/?q={0}&r={1}#{0}", "https://site.example/{0}{1}", "https://site.example/%20{0}%20",
    "HTTPS://SITE.EXAMPLE/{2}+{1}", "https://{3}.example/", "https://site.example/{4}/{1}", "https://{0}@site.example/", "{0}",
    "mailto:{0}@{1}.example", "https:///{0}/{1}", "https://site.example/\u00e9{0}\u00e9/{1}", "https://site.example/{5}/", "https://site.example/{5}/{0}/", "http://a b/{0}/{1}",
)  # fmt: skip


def main() -> None:
    """Write the URLs, or print the comparison."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("what", choices=("urls", "compare"))
    parser.add_argument("--words", type=Path, required=True, help="DCLM's folder of lists")
    parser.add_argument("--domains", type=Path, required=True, help="a list of domains, one a line")
    parser.add_argument("--pages", type=Path, action="append", default=[], help='gzip, lines of {"url"}')
    parser.add_argument(
        "--hosts", type=Path, action="append", default=[], help="gzip, a list of domains, hosts or URLs, as UT1's"
    )
    parser.add_argument("--urls", type=Path, help="what `urls` wrote")
    parser.add_argument("--verdicts", type=Path, help="what bench/signals/url_words_reference.py wrote about them")
    arguments = parser.parse_args()
    lists = [
        listed(arguments.words / f"refinedweb_banned_words_{name}_reverse_engineered.txt", kind=kind)
        for name, kind in KINDS.items()
    ]
    domains = listed(arguments.domains, kind="domains")
    if arguments.what == "urls":
        made_up = (*(url for one in lists for url in made(one)), *hosts(domains))
        found = (*real(arguments.pages), *blocked(arguments.hosts), *(("made up", url) for url in made_up))
        for number, (kind, url) in enumerate(dict.fromkeys(found)):
            print(json.dumps({"id": number, "kind": kind, "url": url}))
    else:
        rows = list(map(json.loads, arguments.urls.read_text("utf-8").splitlines()))
        verdicts = {row["id"]: row for row in map(json.loads, arguments.verdicts.read_text("utf-8").splitlines())}
        print(table(rows, verdicts, [*lists, domains]))


def listed(path: Path, *, kind: Kind) -> ListFile:
    """Name a list by its file."""
    return ListFile(path.name, kind, str(path), hashlib.sha256(path.read_bytes()).hexdigest())


def real(paths: list[Path]) -> Iterator[tuple[str, str]]:
    """Yield the URLs of pages."""
    for path in paths:
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            yield from (("page", url) for line in lines if (url := json.loads(line)["url"]))


def blocked(paths: list[Path]) -> Iterator[tuple[str, str]]:
    """Yield the entries of lists of domains, hosts or URLs as URLs."""
    for path in paths:
        kind: Kind = "hosts" if path.name.endswith("-hosts.txt.gz") else "domains"
        yield from (("blocked", f"http://{entry}/") for entry in entries(listed(path, kind=kind)))


def made(words: ListFile) -> Iterator[str]:
    """Yield URLs with the words of a list in all FORMS, each word with the one that follows it in the list."""
    all_words = list(entries(words))
    for one, other in pairwise([*all_words, all_words[0]]):
        pieces = ".".join(one)
        like = one.replace("s", "\u017f").replace("k", "\u212a").replace("i", "\u0131")  # re takes these for s, k and i
        yield from (form.format(one, other, one.upper(), pieces, "-".join(one), like) for form in FORMS)


def hosts(domains: ListFile) -> Iterator[str]:
    """Yield URLs with each domain of a list in all HOST_FORMS."""
    for entry in entries(domains):
        yield from (form.format(entry, entry.upper()) for form in HOST_FORMS)


def table(rows: list[dict[str, str]], verdicts: dict[str, dict[str, bool]], lists: list[ListFile]) -> str:
    """Return the decisions by step and kind of URL, and the disagreements; a signal that is null decides nothing."""
    counts: Counter[tuple[str, str, str]] = Counter()
    found = []
    for row in rows:
        ours = url_facts.measure(row["url"], lists, faithful=True)
        for step, most in MOST.items():
            found_on, theirs = ours["url_domain_lists"], verdicts[row["id"]][step]
            count = ours[f"url_{step}_words"] if step != "domains" else len(found_on) if isinstance(found_on, list) else None
            our = "unmeasured" if not isinstance(count, int) else "kept" if count <= most else "dropped"
            same = our == ("kept" if theirs else "dropped")
            seen = ("all", "dropped by DCLM" if not theirs else "", f"{our} by us", "same" if same else "")
            counts.update((row["kind"], step, what) for what in seen)
            if not same:
                found.append(f"| {step} | {row['kind']} | `{row['url']}` | {our} | {'kept' if theirs else 'dropped'} |")
    head = [
        "| URLs | step | all | dropped by gristmill | dropped by DCLM | unmeasured | same decision |",
        "|---|---|---|---|---|---|---|",
    ]
    columns = ("all", "dropped by us", "dropped by DCLM", "unmeasured by us", "same")
    kinds = dict.fromkeys(row["kind"] for row in rows)
    body = [
        f"| {kind} | {step} | " + " | ".join(str(counts[kind, step, what]) for what in columns) + " |"
        for kind in kinds
        for step in MOST
    ]
    more = ["", "| step | URLs | URL | gristmill | DCLM |", "|---|---|---|---|---|", *(found or ["| none | | | | |"])]
    return "\n".join([*head, *body, *more])


if __name__ == "__main__":
    main()
