"""What a pass over the documents measures, with which models and lists: what the recipe tells the workers."""

from dataclasses import dataclass

from udfs.models.list_file import ListFile
from udfs.signals import quality, text_labels, url_facts
from udfs.signals.page_statistics import LineRules
from udfs.signals.perplexity import LanguageFiles
from udfs.signals.sets import BY_NAME
from udfs.similarity import minhash
from udfs.vectors.scheme import EmbeddingScheme


@dataclass(frozen=True)
class AnnotateSettings:
    """Say what is measured and with which models.

    Models are paths on the worker, with their sha256 or None for an unpinned file; without a classifier its score is
    null. Of `sets` the rows have the columns. What follows the line rules of line_edits is measured on the text without what they
    cut. `faithful` repeats three slips of DCLM's code in RefinedWeb's rules. `lists` are those of domains, URLs and words.
    """

    language_model: str
    language_sha256: str | None
    classifiers: tuple[quality.Classifier, ...] = ()
    labellers: tuple[text_labels.Labeller, ...] = ()
    line_edits: LineRules = "c4"
    faithful: bool = False
    backend: minhash.Backend = "datasketch"
    ngram: int = 5
    num_perm: int = 112
    seed: int = 1
    lists: tuple[ListFile, ...] = ()
    perplexity_models: tuple[LanguageFiles, ...] = ()
    perplexity_faithful: bool = False
    embedding: EmbeddingScheme | None = None
    sets: tuple[str, ...] = tuple(BY_NAME)  # what is measured in this pass

    def scheme(self) -> dict[str, str | int]:
        """Say what decides a signature, as `minhash.scheme` does."""
        return minhash.scheme(backend=self.backend, ngram=self.ngram, num_perm=self.num_perm, seed=self.seed)

    def url_lists(self) -> list[list[str | None]]:
        """Say which lists decide what is said of URLs."""
        return [[one.name, one.kind, one.sha256] for one in self.lists if one.kind in url_facts.KINDS]

    def word_lists(self) -> list[list[str | None]]:
        """Say which lists of words decide, and by which model a text has the language of one."""
        mine = [one for one in self.lists if one.kind not in url_facts.KINDS]
        model = [[self.language_sha256]] if any(one.language for one in mine) else []
        return [*([one.kind, one.language, one.sha256] for one in mine), *model]
