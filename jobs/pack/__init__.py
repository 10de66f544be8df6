"""Pack: tokens in sequences of one length, shuffled, in shards that trainers read."""

from jobs.engine.reason import Reason
from jobs.engine.stage import Stage
from jobs.pack.cards import cards
from jobs.pack.law import FAILED, NO_TOKENS
from jobs.pack.settings import Pack
from jobs.pack.stage import decides, facts, run
from jobs.pack.story import at, story
from jobs.pack.tables import CORPUS, FOLDER, PACKED, TOKENS
from jobs.pack.vocabulary import check, models

STAGE = Stage[Pack](
    name="pack",
    title="Pack",
    upshot="packed into sequences",
    section="pack",
    settings=Pack,
    optional=True,
    law="weave",
    needs=(CORPUS,),
    writes=(PACKED, TOKENS),
    reasons=(
        Reason("dropped", NO_TOKENS, "its text is empty, so it has no token"),
        Reason("failed", FAILED, "its text could not be tokenised; the column error of tokens/ says why", "please report it"),
    ),
    revision=1,
    models=lambda settings, recipe: models(settings),
    decides=decides,
    run=run,
    check=check,
    story=story,
    at=at,
    cards=cards,
    facts=facts,
    scratch=(FOLDER,),
)
