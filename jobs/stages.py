"""The one list: every stage that gristmill has, in the order in which a recipe's runs go through them."""

from typing import Any

from jobs import annotate, decontaminate, dedup, extract, filter, megadocs, passages, publish, read, rephrase, sampling
from jobs.engine.stage import Stage

STAGES: tuple[Stage[Any], ...] = (
    extract.STAGE,
    read.STAGE,
    rephrase.STAGE,
    megadocs.STAGE,
    annotate.STAGE,
    filter.STAGE,
    dedup.STAGE,
    passages.STAGE,
    decontaminate.STAGE,
    sampling.STAGE,
    publish.STAGE,
)
NAMES = tuple(stage.name for stage in STAGES)
