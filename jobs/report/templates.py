"""Fills the templates of all pages one way, since strangers wrote what the pages show; and holds what every page begins with."""

from importlib.resources import files

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from jobs.report import figures
from jobs.report.visible import cut, visible

SHARED = ("head.html", "style.html")  # lie beside this file, whichever page includes them
POLICY = Markup("default-src 'none'; style-src 'unsafe-inline'; img-src data:")  # no script may run, and nothing is fetched


def templates(package: str) -> Environment:
    """Return what fills a package's templates: every value passes `visible` and then autoescaping, unless it is our own Markup.

    A page whose own script may run gives `head.html` another `policy`.
    """
    environment = Environment(
        loader=FunctionLoader(lambda name: template(package, name)),
        autoescape=True,
        finalize=lambda value: visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["policy"] = POLICY
    environment.filters |= {
        "number": figures.number,
        "large": figures.large,
        "size": figures.size,
        "duration": figures.duration,
        "cut": cut,
    }
    return environment


def template(package: str, name: str) -> str:
    """Return what stands in a package's file, or in one that all pages share; it works from a zip on a cluster too."""
    return files("jobs.report" if name in SHARED else package).joinpath(name).read_text("utf-8")
