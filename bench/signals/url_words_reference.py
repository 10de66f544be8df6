"""Ask DCLM's own filter of URLs (steps 1 to 4) about addresses: the oracle of bench/signals/url_words_parity.py.

    reference/bin/python url_words_reference.py urls.jsonl verdicts.jsonl domains.txt

domains.txt has a domain a line: DCLM's own list is not in its repository. Run in the folder of DCLM's repository, which has the lists, by the Python that bench/signals/refinedweb_reference.py describes. Reads
JSON lines {"id", "url"} and writes one a line that says by step whether the page stays.
"""

import json
import sys
from pathlib import Path
from typing import Any

LIST = "baselines/mappers/banlists/refinedweb_banned_words_{}_reverse_engineered.txt"
# from DCLM's configuration of the pipeline, dclm_baseline_refinedweb.yaml
STEPS: dict[str, dict[str, Any]] = {
    "strict": {"ignore_chars": ["-", "."]},
    "hard": {"match_substrings": False},
    "soft": {"num_banned_substrs": 2, "match_substrings": False},
}
DOMAINS: dict[str, Any] = {"ignore_chars": ["www"], "exact_domain_match": True}  # of the same configuration


def main() -> None:
    """Judge every address of the first argument."""
    from refinedweb_reference import stand_in  # type: ignore[import-not-found, unused-ignore]

    stand_in()
    sys.path[:0] = [".", "baselines"]
    from baselines.mappers.filters.metadata_filters import (  # type: ignore[import-not-found, unused-ignore]
        url_substring_filter,
    )

    filters = {name: url_substring_filter(banlist_from_fname=LIST.format(name), **more) for name, more in STEPS.items()}
    source, target, domains = map(Path, sys.argv[1:4])
    filters["domains"] = url_substring_filter(banlist_from_fname=str(domains), **DOMAINS)
    with source.open(encoding="utf-8") as lines, target.open("w", encoding="utf-8") as verdicts:
        for row in map(json.loads, lines):
            kept = {name: bool(one({"url": row["url"]})) for name, one in filters.items()}
            verdicts.write(json.dumps({"id": row["id"], **kept}) + "\n")


if __name__ == "__main__":
    main()
