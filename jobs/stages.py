"""The one list: every stage that gristmill has, in the order in which a recipe's runs go through them."""

from typing import Any

from jobs import (
    annotate,
    decontaminate,
    dedup,
    extract,
    filter,
    megadocs,
    mix,
    pack,
    passages,
    publish,
    read,
    rephrase,
    sampling,
    semantic,
)
from jobs.engine.stage import Stage

STAGES: tuple[Stage[Any], ...] = (
    extract.STAGE,
    read.STAGE,
    rephrase.STAGE,
    megadocs.STAGE,
    mix.STAGE,
    annotate.STAGE,
    filter.STAGE,
    dedup.STAGE,
    passages.STAGE,
    semantic.STAGE,
    decontaminate.STAGE,
    sampling.STAGE,
    publish.STAGE,
    pack.STAGE,
)
NAMES = tuple(stage.name for stage in STAGES)
