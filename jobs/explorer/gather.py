"""Asks a root for all that the explorer shows."""

import datetime

from jobs.engine.job import Context
from jobs.explorer.areas import counted
from jobs.explorer.data import Corpus, SignalFacts
from jobs.explorer.outcomes import outcomes
from jobs.explorer.sample import drawn, points
from jobs.explorer.strata import quotas
from jobs.report.fates import fate
from jobs.report.gather import open_tables


def gather(context: Context, *, most: int, made: datetime.date | None = None) -> Corpus:
    """Draw at most `most` documents and count the whole corpus; `made` is the day written on the page (today).

    Four kinds of query: one aggregate of outcomes; a scan of outcomes filtered by hash; a scan of each table for the chosen ids; one
    join of ids with labels, to count areas, as the report makes it. The driver holds some 3 KB a document drawn, and the vectors.
    """
    ended = outcomes(context)
    counts = ended.groupBy("stage", "outcome", "reason").count().collect()
    strata = quotas({(row["stage"], row["outcome"], row["reason"]): row["count"] for row in counts}, most)
    tables = open_tables(context)
    fates = fate(
        tables.documents,
        signals=tables.signals,
        decisions=tables.decisions,
        source=context.source.name,
        count=sum(row["count"] for row in counts),
    )
    recipe = context.recipe
    return Corpus(
        recipe=recipe.run.name,
        dump=recipe.run.dump,
        root=context.root.path,
        made=(made or datetime.datetime.now(datetime.UTC).date()).isoformat(),
        strata=strata,
        points=points(context, drawn(ended, strata)),
        areas=counted(fates),
        stages=tuple(
            (stage.name, stage.title or stage.name.capitalize())
            for stage in context.stages
            if stage.law != "weave" and context.root.markers.stage(stage.folder) is not None
        ),
        rules={rule.reason: rule.keep for rule in recipe.sections.get("filter") or ()},
        meanings={reason.name: reason.meaning for stage in context.stages for reason in stage.reasons},
        signals={signal.name: SignalFacts(signal.unit, signal.definition) for signal in context.catalogue},
        report=context.root.exists("report.html"),
    )
