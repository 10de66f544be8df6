"""What the report shows of a mix: the corpora with their shares, and the tokens by each column that the recipe names."""

from collections.abc import Iterator

from jobs.engine.card import Card
from jobs.engine.job import Context
from jobs.mix.composition import MOST, TABLE
from jobs.mix.settings import Mix


def cards(context: Context) -> Iterator[Card]:
    """Yield a card of the corpora and one for each column, as mix/composition.json has them."""
    found = context.root.read_json(TABLE)
    if found is None:
        return
    whole = found["tokens"] or 1
    yield Card(
        title="Corpora of the mix",
        note="Documents and tokens that stand in the mix, with their copies; `asked` is what the weights or epochs come to.",
        columns=("corpus", "documents there", "tokens there", "documents", "copies", "asked", "tokens", "epochs", "share"),
        rows=tuple(
            (
                *(
                    row[name]
                    for name in ("corpus", "documents_there", "tokens_there", "documents", "copies", "asked", "tokens")
                ),
                round(row["epochs"], 4),
                round(row["tokens"] / whole, 6),
            )
            for row in found["corpora"]
        ),
    )
    settings: Mix = context.recipe.sections["mix"]
    for name, rows in ((name, found["by"][name]) for name in settings.by if name in found["by"]):
        yield Card(
            title=f"The mix by {name}",
            note=f"The {MOST} values with the most tokens; the share is of all tokens of the mix.",
            columns=(name, "documents", "copies", "tokens once", "tokens with copies", "share"),
            rows=tuple(
                (row["value"], row["documents"], row["copies"], row["once"], row["tokens"], round(row["tokens"] / whole, 6))
                for row in rows
            ),
        )
