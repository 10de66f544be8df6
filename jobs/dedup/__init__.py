"""Dedup: exact copies and near-duplicates as a distributed join."""

from jobs.dedup import alarm
from jobs.dedup.settings import Dedup
from jobs.dedup.stage import FOLDER, check, decides, lines, pin, publish_to_index, run
from jobs.dedup.story import story
from jobs.dedup.tables import DECISIONS
from jobs.engine.documents import DOCUMENTS
from jobs.engine.reason import Reason
from jobs.engine.stage import Stage
from jobs.engine.tables import KEPT, SIGNALS

STAGE = Stage[Dedup](
    name="dedup",
    title="Deduplicate",
    upshot="no earlier copy kept",
    section="dedup",
    settings=Dedup,
    law="sieve",
    needs=(KEPT, SIGNALS, DOCUMENTS),
    writes=(DECISIONS,),
    reasons=(
        Reason(
            "dropped",
            "exact_url",
            "a kept document that is better in survivor order has the same normalised URL, and a text that measured at or above "
            "[dedup] min_url_similarity",
        ),
        Reason(
            "dropped",
            "exact_text",
            "a kept document that is better in survivor order has the same text, up to case and white space",
        ),
        Reason("dropped", "exact_digest", "a kept document that is better in survivor order has the same payload"),
        Reason(
            "dropped",
            "near_duplicate",
            "a kept document that is better in survivor order measured at or above [dedup.near_duplicates] min_similarity",
        ),
        Reason("failed", "dedup_error", "the text could not be shingled, so it could not be compared", "please report it"),
    ),
    revision=2,
    decides=decides,
    pin=pin,
    decisions=DECISIONS,
    offers=("group_id", "group_size", "duplicate_of", "similarity", "duplicate_dump"),
    run=run,
    check=check,
    lines=lines,
    before_next=alarm.check,
    after=publish_to_index,
    story=story,
    scratch=(FOLDER,),
)
