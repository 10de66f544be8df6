"""Publish: the corpus as partitioned Parquet."""

import pyarrow as pa

from jobs.engine.documents import DOCUMENTS
from jobs.engine.reason import Reason
from jobs.engine.stage import Stage
from jobs.engine.tables import KEPT, SIGNALS, Table
from jobs.publish import annotations
from jobs.publish.settings import Publish
from jobs.publish.stage import FOLDER, check, decides, facts, run
from jobs.publish.tables import FAILED

ID = pa.schema([("id", pa.string())])
STAGE = Stage[Publish](
    name="publish",
    title="Publish",
    upshot="written to the corpus",
    section="publish",
    settings=Publish,
    law="weave",
    needs=(KEPT, SIGNALS, DOCUMENTS),
    writes=(Table(FOLDER, ID, by_chunk=False), FAILED, Table(annotations.FOLDER, ID, by_chunk=False)),
    reasons=(Reason("failed", "publish_error", "its edits could not be applied; failed/publish says why", "please report it"),),
    revision=1,
    decides=decides,
    run=run,
    check=check,
    facts=facts,
)
