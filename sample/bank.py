"""The sample's own prose, read from the TOML files beside this module: articles, spare paragraphs, word banks."""

import tomllib
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
PROSE = ("english", "german", "french", "spanish", "italian", "russian", "japanese", "chinese", "polish")


@dataclass(frozen=True)
class Article:
    """A title and its paragraphs; `name` is unique in the sample, e.g. "en/mills/0"."""

    name: str
    language: str
    title: str
    paragraphs: tuple[str, ...]

    @property
    def text(self) -> str:
        """Return what a perfect extractor would return: title and paragraphs, one a line."""
        return "\n".join((self.title, *self.paragraphs))

    def with_paragraphs(self, *paragraphs: str) -> "Article":
        """Return this article with other paragraphs."""
        return replace(self, paragraphs=paragraphs)


@dataclass(frozen=True)
class Topic:
    """The articles of one topic, and paragraphs that belong to none of them."""

    name: str
    articles: tuple[Article, ...]
    spare: tuple[str, ...]


@cache
def table(name: str) -> dict[str, Any]:
    """Return a TOML file of this folder by its name without suffix."""
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


@cache
def topics(language: str) -> tuple[Topic, ...]:
    """Return the topics written in a language (ISO 639-1)."""
    found = []
    for file in PROSE:
        read = table(file)
        if read["language"] == language:
            found += [_topic(language, entry) for entry in read["topic"]]
    return tuple(found)


def languages() -> tuple[str, ...]:
    """Return the languages there are articles in, English first."""
    return tuple(table(file)["language"] for file in PROSE)


def articles(language: str) -> tuple[Article, ...]:
    """Return all articles of a language, in the order of its file."""
    return tuple(article for topic in topics(language) for article in topic.articles)


def spare_of(article: Article) -> tuple[str, ...]:
    """Return the spare paragraphs of an article's topic."""
    return next(topic.spare for topic in topics(article.language) if article.name.startswith(topic.name + "/"))


def split_paragraphs(text: str) -> tuple[str, ...]:
    """Split a TOML text at its blank lines."""
    return tuple(part.strip() for part in text.strip().split("\n\n"))


def _topic(language: str, entry: dict[str, Any]) -> Topic:
    name = f"{language}/{entry['name']}"
    written = tuple(
        Article(f"{name}/{number}", language, article["title"], split_paragraphs(article["text"]))
        for number, article in enumerate(entry["article"])
    )
    return Topic(name, written, split_paragraphs(entry["spare"]))
