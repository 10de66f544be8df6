"""Trains SentencePiece and a KenLM model from texts, as CCNet trained its own on Wikipedia, and measures both on held-out texts."""

import io
import json
import math
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import IO

import xxhash

from jobs.engine.errors import RefusedError
from jobs.text_files import files_of, texts_of
from udfs.models.model_file import OTHERS, sha256_of
from udfs.signals.perplexity import LanguageFiles, PerplexityModels, lines_of

HOW = (
    "Build KenLM's programs from its source, pip download --no-binary :all: kenlm: cmake -B build -DENABLE_PYTHON=OFF, make -C build lmplz "
    "build_binary. They need Boost. Put them on the PATH, or name their folder with --kenlm"
)


class PerplexityTrainError(RefusedError):
    """Texts, settings or programs from which no language model can be trained."""


@dataclass(frozen=True)
class LmSettings:
    """Say how to train: CCNet's numbers. `memory` is what lmplz may take while it sorts."""

    vocabulary: int = 65_536
    order: int = 5
    holdout: float = 0.05  # share of the texts
    seed: int = 1
    memory: str = "1G"


@dataclass(frozen=True)
class LmReport:
    """Say what was trained on what. `head` and `tail` are the 30th and 60th percentile of the held-out texts' perplexity."""

    pieces: str
    pieces_sha256: str
    lm: str
    lm_sha256: str
    settings: LmSettings
    texts: int
    lines: int
    held_out: int
    perplexity: float | None  # the geometric mean of the held-out texts'
    head: float | None
    tail: float | None


def train(out: str, *, corpus: Sequence[str], settings: LmSettings, kenlm: str | None = None) -> LmReport:
    """Write out.sp.model and out.arpa.bin, with a report beside them as .json, and return the report.

    1. A text is held out by a hash of it. The lines of the others are normalised as when they are measured.
    2. SentencePiece learns unigram pieces in one thread.
    3. lmplz estimates the model from the pieces, and build_binary makes a quantised trie of it: a sixth of a byte-exact one.
    4. The held-out texts are measured by the function that measures pages.
    The same texts, in any order of files, make the same models. Raises PerplexityTrainError.
    """
    programs = [_program(name, kenlm) for name in ("lmplz", "build_binary")]
    Path(out).parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=Path(out).parent, prefix=".train-") as scratch:
        work = Path(scratch)
        texts, lines = _split(files_of(corpus), work, settings)
        pieces, lm = work / f"lm{OTHERS[0]}", work / f"lm{OTHERS[1]}"
        _train_pieces(work / "lines.txt", pieces, settings)
        _train_lm(work, programs, settings)
        found = _measured(work, pieces, lm)
        report = LmReport(
            pieces=f"{out}{OTHERS[0]}",
            pieces_sha256=sha256_of(pieces),
            lm=f"{out}{OTHERS[1]}",
            lm_sha256=sha256_of(lm),
            settings=settings,
            texts=texts,
            lines=lines,
            held_out=len(found),
            perplexity=math.exp(sum(map(math.log, found)) / len(found)) if found else None,
            head=_percentile(found, 30),
            tail=_percentile(found, 60),
        )
        pieces.replace(report.pieces)
        lm.replace(report.lm)
    Path(f"{out}.json").write_text(json.dumps(asdict(report), indent=1) + "\n", "utf-8")
    return report


def _program(name: str, folder: str | None) -> str:
    found = shutil.which(name, path=folder) if folder is not None else shutil.which(name)
    if found is None:
        raise PerplexityTrainError(f"KenLM's program {name} is not there, so no language model was trained. {HOW}")
    return found


def _split(files: Sequence[Path], work: Path, settings: LmSettings) -> tuple[int, int]:
    """Write the lines to train on, in the order of a hash of their text, and the held-out texts; count texts and lines."""
    kept: list[tuple[int, str]] = []
    with (work / "held-out.jsonl").open("w", encoding="utf-8") as held:
        for text in (text for file in files for text in texts_of(file)):
            key = xxhash.xxh3_64_intdigest(text.encode("utf-8", "surrogatepass"), seed=settings.seed)
            if key < settings.holdout * 2**64:
                held.write(json.dumps(text) + "\n")
            else:
                kept.append((key, "\n".join(lines_of(text, faithful=False))))
    count = 0
    with (work / "lines.txt").open("w", encoding="utf-8", errors="ignore") as lines:
        for _, text in sorted(kept):
            if text:
                lines.write(text + "\n")
                count += text.count("\n") + 1
    if not count:
        raise PerplexityTrainError("the corpus has no line to learn from, so nothing was trained. Name other files")
    return len(kept), count


def _train_pieces(lines: Path, model: Path, settings: LmSettings) -> None:
    if find_spec("sentencepiece") is None:
        raise PerplexityTrainError(
            "sentencepiece is not installed, so nothing was trained: pip install 'gristmill[perplexity]'"
        )
    made = io.BytesIO()  # a model that is written by name holds that name, and the paths of its input
    with lines.open(encoding="utf-8", newline="\n") as sentences:
        _learn(sentences, made, settings)
    model.write_bytes(made.getvalue())


def _learn(sentences: IO[str], made: io.BytesIO, settings: LmSettings) -> None:
    import sentencepiece

    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=(line.rstrip("\n") for line in sentences),
        model_writer=made,
        vocab_size=settings.vocabulary,
        hard_vocab_limit=False,  # a small corpus has fewer
        model_type="unigram",
        character_coverage=0.9995,
        input_sentence_size=5_000_000,
        shuffle_input_sentence=False,  # their order is already that of a hash
        num_threads=1,
        minloglevel=2,
    )


def _train_lm(work: Path, programs: Sequence[str], settings: LmSettings) -> None:
    import sentencepiece

    model = sentencepiece.SentencePieceProcessor(model_file=str(work / f"lm{OTHERS[0]}"))
    with (
        (work / "lines.txt").open(encoding="utf-8", newline="\n") as lines,
        (work / "pieces.txt").open("w", encoding="utf-8") as out,
    ):
        for line in lines:
            out.write(" ".join(model.encode(line, out_type=str)) + "\n")
    estimate = ["-o", str(settings.order), "-S", settings.memory, "-T", str(work), "--discount_fallback"]
    files = ["--text", str(work / "pieces.txt"), "--arpa", str(work / "lm.arpa")]
    _run([programs[0], *estimate, *files])
    _run(
        [
            programs[1],
            *["-a", "22", "-q", "8", "-b", "8", "-T"],
            str(work),
            "trie",
            str(work / "lm.arpa"),
            str(work / f"lm{OTHERS[1]}"),
        ]
    )


def _run(command: Sequence[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode != 0:
        raise PerplexityTrainError(f"{command[0]} failed, so no model was made: {done.stderr.strip()[-500:]}")


def _measured(work: Path, pieces: Path, lm: Path) -> list[float]:
    """Return the perplexities of the held-out texts, rising; those without one are left out."""
    files = LanguageFiles("all", str(pieces), sha256_of(pieces), str(lm), sha256_of(lm))
    models = PerplexityModels([files], faithful=False)
    with (work / "held-out.jsonl").open(encoding="utf-8") as held:
        found = [models.measure(json.loads(line), "all") for line in held]
    return sorted(one for one in found if one is not None)


def _percentile(values: Sequence[float], percent: int) -> float | None:
    """Return the least value with at least so many percent of the values at it or below.

    >>> _percentile([1.0, 2.0, 3.0, 4.0], 50), _percentile([], 50)
    (2.0, None)
    """
    return values[max(0, math.ceil(len(values) * percent / 100) - 1)] if values else None
