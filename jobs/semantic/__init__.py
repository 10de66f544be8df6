"""Semantic: documents that say the same as another, and those that clusters are full of, are dropped by their vectors."""

from jobs.engine.documents import DOCUMENTS
from jobs.engine.reason import Reason
from jobs.engine.stage import Stage
from jobs.engine.tables import KEPT, SIGNALS
from jobs.semantic.cards import cards
from jobs.semantic.settings import Semantic
from jobs.semantic.stage import DUPLICATE, FOLDER, NO_VECTOR, PROTOTYPE, check, facts, lines, run
from jobs.semantic.story import story
from jobs.semantic.tables import CLUSTERS, DECISIONS

STAGE = Stage[Semantic](
    name="semantic",
    title="Deduplicate by meaning",
    upshot="says something of its own",
    section="semantic",
    settings=Semantic,
    optional=True,
    law="sieve",
    needs=(KEPT, SIGNALS, DOCUMENTS),
    writes=(DECISIONS, CLUSTERS),
    reasons=(
        Reason(
            "dropped",
            DUPLICATE,
            "a document of its cluster comes before it in [semantic.duplicates] order, and the cosine of their vectors is at or above "
            "min_cosine; the decision names the document that stays",
            "raise min_cosine or keep",
        ),
        Reason(
            "dropped",
            PROTOTYPE,
            "it lies nearer to the centroid of its cluster than the share that [semantic.prototypes] keeps",
            "raise keep",
        ),
        Reason(
            "failed",
            NO_VECTOR,
            "the document has no vector, or one without a direction, or [semantic] where is null for it, so nothing can be said of its meaning",
            "look at the page with explain; filter texts that are too short to embed",
        ),
    ),
    revision=2,
    packages=("numpy",),
    decisions=DECISIONS,
    offers=("cluster", "distance_to_centroid"),
    run=run,
    check=check,
    lines=lines,
    story=story,
    cards=cards,
    facts=facts,
    scratch=(FOLDER,),
)
