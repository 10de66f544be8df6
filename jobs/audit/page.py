"""Renders the audit as one HTML page without scripts or anything fetched, since strangers wrote what it shows."""

from importlib.resources import files

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from jobs.audit.shares import Share
from jobs.audit.verdicts import COPIES, LEVEL, LITTLE, LOSSES, Audit, copy, loss, lost_share
from jobs.report import figures
from jobs.report.visible import cut, visible
from udfs.audit.lacking import RUN
from udfs.audit.pairs import SHOWN_CHARACTERS

SHARED = "style.html"  # the report's


def render(audit: Audit) -> str:
    """Return the whole page as HTML; same audit, same page.

    Every value passes `visible` and then autoescaping, texts and URLs are cut, and no value becomes a link.
    """
    environment = Environment(
        loader=FunctionLoader(_template),
        autoescape=True,
        finalize=lambda value: visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "number": figures.number,
        "large": figures.large,
        "cut": cut,
        "percent": percent,
        "interval": interval,
    }
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


def _template(name: str) -> str:
    return files("jobs.report" if name == SHARED else "jobs.audit").joinpath(name).read_text("utf-8")
