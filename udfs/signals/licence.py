"""Brings the licence that a page declares into a form that a rule can compare."""

import re

from udfs.signals.definition import Signal

_KIND = re.compile(r"https://creativecommons\.org/(licenses|publicdomain)/([a-z+-]+)")
_PUBLIC_DOMAIN = {"zero": "cc0", "mark": "pdm"}

SIGNALS = (
    Signal(
        "licence_kind", "string", "name", "gristmill; the document's column licence",
        "The licence that the page declares, without its version: by, by-sa, by-nc, …, cc0, pdm, another address as it is; 'none' without one.",
    ),
)  # fmt: skip


def kind_of(licence: str | None) -> str:
    """Return the kind of a licence's address.

    >>> kind_of("https://creativecommons.org/licenses/by-sa/3.0/de"), kind_of(None)
    ('by-sa', 'none')
    """
    found = _KIND.match(licence or "")
    if found is None:
        return licence or "none"
    return found[2] if found[1] == "licenses" else _PUBLIC_DOMAIN.get(found[2], found[2])


def measure(licence: str | None) -> dict[str, str]:
    """Return the signals of a document's licence."""
    return {"licence_kind": kind_of(licence)}
