"""Publish: the corpus as partitioned Parquet."""

import pyarrow as pa

from jobs.engine.documents import DOCUMENTS
from jobs.engine.reason import Reason
from jobs.engine.stage import Stage
from jobs.engine.tables import KEPT, SIGNALS, Table
from jobs.publish.settings import Publish
from jobs.publish.stage import FAILED, FOLDER, check, facts, run

STAGE = Stage[Publish](
    name="publish",
    title="Publish",
    upshot="written to the corpus",
    section="publish",
    settings=Publish,
    law="weave",
    needs=(KEPT, SIGNALS, DOCUMENTS),
    writes=(Table(FOLDER, pa.schema([("id", pa.string())]), by_chunk=False), FAILED),
    reasons=(Reason("failed", "publish_error", "its edits could not be applied; failed/publish says why", "please report it"),),
    revision=1,
    run=run,
    check=check,
    facts=facts,
)
