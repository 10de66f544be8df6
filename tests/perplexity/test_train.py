"""Training of language models, with stand-ins for KenLM's programs that write a model of single pieces."""

import json
import random
import stat
import sys
from pathlib import Path

import pytest

pytest.importorskip("kenlm", reason="needs gristmill[perplexity]")

from jobs.perplexity.train import LmSettings, PerplexityTrainError, train
from udfs.models.model_file import ModelError, sha256_of
from udfs.signals.perplexity import LanguageFiles, PerplexityModels

LMPLZ = """#!{python}
import collections, math, sys
arguments = dict(zip(sys.argv[1::2], sys.argv[2::2]))
counts = collections.Counter()
for line in open(sys.argv[sys.argv.index("--text") + 1], encoding="utf-8"):
    counts.update(line.split() + ["</s>"])
total = sum(counts.values()) + 1
with open(sys.argv[sys.argv.index("--arpa") + 1], "w", encoding="utf-8") as arpa:
    arpa.write("\\\\data\\\\\\nngram 1=%d\\nngram 2=1\\n\\n\\\\1-grams:\\n" % (len(counts) + 2))
    arpa.write("%f\\t<unk>\\n-99\\t<s>\\n" % math.log10(1 / total))
    for piece, count in sorted(counts.items()):
        arpa.write("%f\\t%s\\n" % (math.log10(count / total), piece))
    arpa.write("\\n\\\\2-grams:\\n-1\\t<s> </s>\\n\\n\\\\end\\\\\\n")
"""
COPY = "#!{python}\nimport shutil, sys\nshutil.copy(*sys.argv[-2:])\n"


@pytest.fixture
def programs(tmp_path: Path) -> str:
    folder = tmp_path / "bin"
    folder.mkdir()
    for name, body in (("lmplz", LMPLZ), ("build_binary", COPY)):
        (folder / name).write_text(body.format(python=sys.executable), "utf-8")
        (folder / name).chmod(stat.S_IRWXU)
    return str(folder)


def corpus(folder: Path) -> str:
    words = ["mill", "stone", "grain", "flour", "water", "wheel", "sack", "miller", "bread", "river"]
    draw = random.Random(1)
    texts = ["\n".join(" ".join(draw.choices(words, k=9)) for _ in range(4)) for _ in range(60)]
    (folder / "texts.jsonl").write_text("".join(json.dumps({"text": text}) + "\n" for text in texts), "utf-8")
    return str(folder / "texts.jsonl")


def test_models_are_trained_measured_and_the_same_again(tmp_path: Path, programs: str) -> None:
    given, settings = corpus(tmp_path), LmSettings(vocabulary=60, holdout=0.2)
    first, again = (train(str(tmp_path / name / "en"), corpus=[given], settings=settings, kenlm=programs) for name in "ab")
    assert (first.pieces_sha256, first.lm_sha256) == (again.pieces_sha256, again.lm_sha256)
    assert first.texts + first.held_out == 60 and first.lines == 4 * first.texts and first.held_out > 0
    assert first.perplexity is not None and first.head is not None and first.tail is not None
    assert 1 < first.head <= first.tail and json.loads((tmp_path / "a/en.json").read_text("utf-8"))["texts"] == first.texts
    files = LanguageFiles("en", first.pieces, first.pieces_sha256, first.lm, first.lm_sha256)
    models = PerplexityModels([files], faithful=False)
    like, unlike = models.measure("mill stone grain flour", "en"), models.measure("zygote quixotic jukebox", "en")
    assert like is not None and unlike is not None and like < unlike
    with pytest.raises(ModelError):
        PerplexityModels([LanguageFiles("en", first.pieces, "0" * 64, first.lm, "0" * 64)], faithful=False).load()
    assert sha256_of(first.lm) == first.lm_sha256


def test_a_missing_program_a_failing_one_and_an_empty_corpus_are_told(tmp_path: Path, programs: str) -> None:
    with pytest.raises(PerplexityTrainError, match="lmplz is not there"):
        train(str(tmp_path / "en"), corpus=[corpus(tmp_path)], settings=LmSettings(), kenlm=str(tmp_path))
    (tmp_path / "empty.txt").write_text("\n \n", "utf-8")
    with pytest.raises(PerplexityTrainError, match="no line to learn from"):
        train(str(tmp_path / "en"), corpus=[str(tmp_path / "empty.txt")], settings=LmSettings(), kenlm=programs)
    (tmp_path / "bin/lmplz").write_text("#!/bin/sh\necho too little memory >&2; exit 1\n", "utf-8")
    with pytest.raises(PerplexityTrainError, match="too little memory"):
        train(str(tmp_path / "en"), corpus=[corpus(tmp_path)], settings=LmSettings(vocabulary=60), kenlm=programs)
