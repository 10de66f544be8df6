"""Finds email addresses and public IPv4 addresses, and proposes a fixed placeholder for each.

The rules are FineWeb's (huggingface/datatrove src/datatrove/pipeline/formatters/pii.py) with these deviations:

 - the placeholder is chosen by a hash of the address, not by a counter, so an address gets the same one in every task;
 - every search is bounded (RFC 5321: 64 characters before the "@", 255 after), so time is linear in the text;
 - the domain ends in a name: "lodash@4.17.21" is no address, and "admin@8.8.8.8" is an IPv4 address only;
 - the domain ends in no file name's ending: "icon@2x.png" is a picture; "git@host:path" is a repository;
 - the part before the "@" ends in a letter, a digit or one of _ + - =: "site.com/@some.name" is no address;
 - international addresses are found whole, and after the full-width sign, too (RFC 6531): "ombud@gemüse.example";
 - an address may follow a letter of a script without spaces ("邮箱a@b.cn");
 - an IPv4 address is not part of a word, of a longer dotted number ("section 5.2.1.4.1") or of a product's version
   ("Chrome/120.0.0.0", "release 1.128.1.0"), and no section's number ("section 5.2.1.4");
 - placeholders are left alone, so that a second pass changes nothing.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence

import xxhash

from udfs.edits.edit import Edit
from udfs.signals.definition import Signal
from udfs.signals.email_addresses import email_spans
from udfs.signals.ip_addresses import ip_spans

EMAIL_PLACEHOLDERS = ("email@example.com", "firstname.lastname@example.org")
IP_PLACEHOLDERS = (
    "22.214.171.124",
    "126.96.36.199",
    "188.8.131.52",
    "184.108.40.206",
    "220.127.116.11",
    "18.104.22.168",
)

_SOURCE = "FineWeb; huggingface/datatrove src/datatrove/pipeline/formatters/pii.py"

SIGNALS = (
    Signal("email_count", "int", "addresses", _SOURCE, "email addresses in the extracted text, placeholders excepted"),
    Signal("public_ip_count", "int", "addresses", _SOURCE, "IPv4 addresses of the public internet in the extracted text"),
)


def spans(text: str) -> tuple[Edit, ...]:
    """Return one Edit for every address found (kinds "email" and "ip"), in order, without overlaps."""
    found: list[Edit] = []
    floor = 0
    for start, end in email_spans(text):
        found += _ips(text, floor, start)
        found += _email(text, start, end)
        floor = end
    found += _ips(text, floor, len(text))
    return tuple(found)


def counts(edits: tuple[Edit, ...]) -> dict[str, int]:
    """Return the signals of this module, counted over the edits of spans()."""
    emails = sum(edit.kind == "email" for edit in edits)
    return {"email_count": emails, "public_ip_count": sum(edit.kind == "ip" for edit in edits)}


def outside(addresses: Sequence[Edit], line_edits: Sequence[Edit]) -> tuple[Edit, ...]:
    """Return the addresses that no line edit cuts away; both are sorted and free of overlaps."""
    starts = [edit.start for edit in line_edits]
    kept = []
    for address in addresses:
        before = bisect_left(starts, address.end) - 1  # the last line edit that begins before the address ends
        if before < 0 or line_edits[before].end <= address.start:
            kept.append(address)
    return tuple(kept)


def _email(text: str, start: int, end: int) -> Iterator[Edit]:
    address = text[start:end]
    if address not in EMAIL_PLACEHOLDERS:
        yield Edit(start, end, _chosen(address, EMAIL_PLACEHOLDERS), "email")


def _ips(text: str, start: int, end: int) -> Iterator[Edit]:
    for begin, stop in ip_spans(text, start, end):
        address = text[begin:stop]
        if address not in IP_PLACEHOLDERS:
            yield Edit(begin, stop, _chosen(address, IP_PLACEHOLDERS), "ip")


def _chosen(address: str, placeholders: tuple[str, ...]) -> str:
    return placeholders[xxhash.xxh3_64_intdigest(address.encode()) % len(placeholders)]
