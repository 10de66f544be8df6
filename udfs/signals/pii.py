"""Finds email addresses and public IPv4 addresses, and proposes a fixed placeholder for each.

The rules are FineWeb's (huggingface/datatrove src/datatrove/pipeline/formatters/pii.py) with these deviations:

 - the placeholder is chosen by a hash of the address, not by a counter, so an address gets the same one in every task;
 - every search is bounded (RFC 5321: 64 characters before the "@", 255 after), so time is linear in the text;
 - the domain ends in a name: "lodash@4.17.21" is no address, and "admin@8.8.8.8" is an IPv4 address only;
 - the part before the "@" ends in a letter, a digit or one of _ + - =: "site.com/@some.name" is no address;
 - an address may follow a letter of another script ("邮箱a@b.cn");
 - an IPv4 address is not part of a word, of a longer dotted number ("section 5.2.1.4.1") or of a product's version
   ("Chrome/120.0.0.0");
 - placeholders are left alone, so that a second pass changes nothing.
"""

import ipaddress
import re
from collections.abc import Iterator

import xxhash

from udfs.edits.edit import Edit
from udfs.signals.definition import Signal

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

_LOCAL_LIMIT = 64
_DOMAIN_LIMIT = 255
_LOCAL_REVERSED = re.compile(r"[A-Za-z0-9_+=-][A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]*+")
_DOMAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]*+")
_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?")
_TOP_LABEL = re.compile(r"[A-Za-z][A-Za-z0-9-]*[A-Za-z0-9]")
_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_LITERAL = re.compile(rf"\[(?:{_OCTET}\.){{3}}{_OCTET}\]")
_IPV4 = re.compile(rf"(?<![A-Za-z0-9_.-])(?<![^/]/)(?:{_OCTET}\.){{3}}{_OCTET}(?![A-Za-z0-9_]|[.-][0-9])")


def spans(text: str) -> tuple[Edit, ...]:
    """Return one Edit for every address found (kinds "email" and "ip"), in order, without overlaps."""
    found: list[Edit] = []
    floor = 0
    for email in _emails(text):
        found += _ips(text, floor, email.start)
        found.append(email)
        floor = email.end
    found += _ips(text, floor, len(text))
    return tuple(found)


def counts(edits: tuple[Edit, ...]) -> dict[str, int]:
    """Return the signals of this module, counted over the edits of spans()."""
    emails = sum(edit.kind == "email" for edit in edits)
    return {"email_count": emails, "public_ip_count": sum(edit.kind == "ip" for edit in edits)}


def _emails(text: str) -> Iterator[Edit]:
    floor = 0  # the end of the last address: the next begins after it
    at = text.find("@")
    while at >= 0:
        start = _local_start(text, at, floor=floor)
        end = _domain_end(text, at + 1) if start < at else at
        if end > at:
            if text[start:end] not in EMAIL_PLACEHOLDERS:
                yield Edit(start, end, _chosen(text[start:end], EMAIL_PLACEHOLDERS), "email")
            floor = end
        at = text.find("@", max(at + 1, floor))


def _local_start(text: str, at: int, *, floor: int) -> int:
    """Return where the part before the "@" begins, or `at` if there is none.

    That is the longest run of its characters without two dots in a row, less any punctuation it begins with.
    """
    before = text[max(floor, at - _LOCAL_LIMIT - 1) : at]
    run = _LOCAL_REVERSED.match(before[::-1])
    if run is None or run.end() > _LOCAL_LIMIT:
        return at
    local = run.group()[::-1].rpartition("..")[2]
    return at - len(local.lstrip("!#$%&'*+/=?^`{|}~.-"))


def _domain_end(text: str, start: int) -> int:
    """Return where the domain or [IPv4] after the "@" ends, or -1 if there is none."""
    literal = _LITERAL.match(text, start)
    if literal is not None:
        return literal.end()
    run = _DOMAIN.match(text[start : start + _DOMAIN_LIMIT + 1])
    if run is None or run.end() > _DOMAIN_LIMIT:
        return -1
    labels: list[str] = []
    for label in run.group().split("."):
        valid = _LABEL.match(label)
        if valid is None:
            break
        labels.append(valid.group())
        if valid.end() < len(label):
            break
    while labels and not _TOP_LABEL.fullmatch(labels[-1]):
        labels.pop()
    return start + len(".".join(labels)) if len(labels) > 1 else -1


def _ips(text: str, start: int, end: int) -> Iterator[Edit]:
    for match in _IPV4.finditer(text, start, end):
        address = match.group()
        if address not in IP_PLACEHOLDERS and ipaddress.IPv4Address(address).is_global:
            yield Edit(match.start(), match.end(), _chosen(address, IP_PLACEHOLDERS), "ip")


def _chosen(address: str, placeholders: tuple[str, ...]) -> str:
    return placeholders[xxhash.xxh3_64_intdigest(address.encode()) % len(placeholders)]
