"""The fingerprint of a result: a hash of everything that decides it, so that finished work is known to be still right.

Code is not hashed. A stage has a `revision`, a number that its author raises when its rows change; a test hashes the rows of a tiny
run and fails when they move without a new number. So a refactoring, another Python, or a moved file makes no crawl stale.
"""

import hashlib
import json
from typing import Any

from udfs.models.worker_versions import package_versions as package_versions


def fingerprint(*parts: Any) -> str:
    """Hash settings, upstream fingerprints and models, given as JSON-able values, to 16 hex digits.

    >>> fingerprint("filter", 1, {"b": 2, "a": 1}) == fingerprint("filter", 1, {"a": 1, "b": 2})
    True
    """
    body = json.dumps(parts, sort_keys=True, default=str).encode("utf-8")
    return hashlib.sha256(body).hexdigest()[:16]
