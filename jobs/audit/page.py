"""Renders the audit as one HTML page without scripts or anything fetched, since strangers wrote what it shows."""

from jobs.audit.shares import Share
from jobs.audit.verdicts import COPIES, LEVEL, LITTLE, LOSSES, Audit, copy, loss, lost_share
from jobs.report import figures
from jobs.report.templates import templates
from udfs.audit.lacking import RUN
from udfs.audit.pairs import SHOWN_CHARACTERS


def render(audit: Audit) -> str:
    """Return the whole page as HTML; same audit, same page.

    Every value passes `visible` and then autoescaping, texts and URLs are cut, and no value becomes a link.
    """
    environment = templates("jobs.audit")
    environment.filters |= {"percent": percent, "interval": interval}
    return environment.get_template("audit.html").render(
        audit=audit,
        losses=LOSSES,
        copies=COPIES,
        little=figures.share(LITTLE, 1),
        level=figures.share(LEVEL, 1),
        width=RUN,
        shown=SHOWN_CHARACTERS,
        loss=loss,
        copy=copy,
        lost=lost_share,
        share=figures.share,
    )


def percent(share: Share) -> str:
    """Write a share; a dash where nothing was looked at.

    >>> percent(Share(1, 3, 1 / 3, 0.1, 0.7)), percent(Share(0, 0, 0.0, 0.0, 1.0))
    ('33.3%', '–')
    """
    return figures.share(share.value, 1) if share.of else "–"


def interval(share: Share) -> str:
    """Write the interval of a share; nothing where the share is known.

    >>> interval(Share(1, 3, 1 / 3, 0.061, 0.792)), interval(Share(3, 3, 1.0, 1.0, 1.0))
    ('6.1–79.2', '')
    """
    return f"{100 * share.low:.1f}–{100 * share.high:.1f}" if share.of and share.low < share.high else ""
