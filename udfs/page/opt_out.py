"""Collect what a page and its HTTP headers say about use by machines; only facts are kept, a recipe decides what follows.

A fact is "source:word" where everyone or Common Crawl's own crawler is addressed, and "source:agent:word" where a crawler for machine
learning is addressed by name. What is addressed to any other named crawler says nothing about this use.
"""

import re
from collections.abc import Iterable, Iterator

from udfs.page.http_message import HttpMessage
from udfs.page.markup import Meta

# noindex speaks to search engines, yet says as plainly that a page is not offered for reuse.
WORDS = frozenset({"noai", "noimageai", "noml", "nollm", "noindex"})
EVERYONE = frozenset({"*", "all", "robots", "ccbot"})  # these captures are CCBot's, so its name is ours
# Crawlers and control names whose operators say that they gather for machine learning, by their robots.txt names.
_AI_AGENTS_WORDS = (
    "gptbot chatgpt-user oai-searchbot google-extended google-cloudvertexbot anthropic-ai claude-web "
    "claudebot claude-user claude-searchbot perplexitybot perplexity-user bytespider applebot-extended "
    "amazonbot facebookbot meta-externalagent meta-externalfetcher cohere-ai cohere-training-data-crawler "
    "diffbot omgili omgilibot webzio-extended ai2bot ai2bot-dolma img2dataset timpibot imagesiftbot "
    "youbot mistralai-user pangubot petalbot duckassistbot deepseekbot kangaroobot icc-crawler "
    "velenpublicwebcrawler sidetrade"
)
AI_AGENTS = frozenset(_AI_AGENTS_WORDS.split())
# Values of these settings are sizes and dates, never directives.
_SETTING = re.compile(r"(?:max-[a-z-]{1,30}|crawl-delay|revisit-after)\s*[:=]\s*[^\s,;]*|unavailable_after\s*[:=]?")
_AGENT_OR_WORD = re.compile(r"(?<![\w*/.-])(?:([a-z*][a-z0-9._*/-]*+)[ \t]*+:(?!\d)|([a-z][a-z-]*+)(?!\w))")
_ANY_WORD = re.compile(r"no(?:ai|imageai|ml|llm|index|ne)", re.IGNORECASE)
_SPLIT = re.compile(r"[\s,;]+")
_HEADER_METAS = frozenset({"x-robots-tag", "robots"})


def header_facts(message: HttpMessage) -> tuple[str, ...]:
    """Return the opt-out facts of HTTP headers, sorted: "x-robots-tag:noai", "tdm-reservation:1" and their like."""
    facts = {fact for value in message.values("x-robots-tag") for fact in _facts("x-robots-tag", value, agents=("*",))}
    facts.update(_tdm(message.values("tdm-reservation")))
    return tuple(sorted(facts))


def page_facts(metas: Iterable[Meta]) -> tuple[str, ...]:
    """Return the opt-out facts among a page's metas, sorted: "meta:noai", "meta:gptbot:noindex", "tdm-reservation:1"."""
    facts: set[str] = set()
    for attribute, name, content in metas:
        if name == "tdm-reservation":
            facts.update(_tdm((content,)))
        elif not _ANY_WORD.search(content):
            continue  # nine metas in ten say nothing of the kind
        elif attribute != "http-equiv":
            facts.update(_facts("meta", content, agents=_SPLIT.split(name)))
        elif name in _HEADER_METAS:
            facts.update(_facts("meta", content, agents=("*",)))
    return tuple(sorted(facts))


def _facts(source: str, value: str, *, agents: Iterable[str]) -> Iterator[str]:
    """Yield the facts of one list of directives, which may name other agents before its own: "otherbot: noai, noindex"."""
    known = [agent for name in agents if (agent := _agent(name)) is not None]
    if not known:
        return
    for name, word in _AGENT_OR_WORD.findall(_SETTING.sub(" ", value[:2000].lower())):
        if name:
            agent = _agent(name)
            known = [agent] if agent is not None else []
        elif word in WORDS or word == "none":
            for agent in known:  # none is noindex, nofollow
                yield ":".join(part for part in (source, agent, "noindex" if word == "none" else word) if part)


def _agent(name: str) -> str | None:
    """Return the name of an agent as facts have it: empty for everyone, None for one that is no matter of ours."""
    product = name.partition("/")[0]
    if product in EVERYONE:
        return ""
    return product if product in AI_AGENTS else None


def _tdm(values: Iterable[str]) -> set[str]:
    return {f"tdm-reservation:{word}" for value in values for word in _SPLIT.split(value.strip()) if word in ("0", "1")}
