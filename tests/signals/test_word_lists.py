"""Lists of words: whose they are, what counts as a word, and that they are read whole or refused."""

import hashlib
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from jobs.engine.models import fetch
from udfs.models.list_file import ListFile
from udfs.models.model_file import ModelError
from udfs.signals.annotate_settings import AnnotateSettings
from udfs.signals.annotator import annotate
from udfs.signals.word_lists import found_words, words_for

CACHE = Path(__file__).parents[2] / ".cache" / "models"
ENGLISH = "The miller grinds rotten corn, and the rotten bread of the mill is sold at the market every day."
GERMAN = "Der Müller mahlt das Korn, und das rotten Brot der Mühle wird jeden Tag auf dem Markt verkauft."


def word_list(folder: Path, *words: str, kind: Any = "bad_words", language: str | None = None) -> ListFile:
    path = folder / f"{kind}-{language}.txt"
    path.write_text("\n".join(words) + "\n\n", "utf-8")
    return ListFile(path.stem, kind, str(path), hashlib.sha256(path.read_bytes()).hexdigest(), language)


def test_a_word_counts_once_between_characters_that_are_in_no_word() -> None:
    words = ("corn", "mill", "the mill", "c++")
    assert found_words("corn corn. mills", words, language="en") == 1
    assert found_words("a windmill", words, language="en") == 0
    assert found_words("'the mill' and c++!", words, language=None) == 3
    assert found_words("水車小屋", ["車小"], language="ja") == 1
    assert found_words("水車小屋", ["車小"], language="en") == 0


def test_lists_without_a_language_are_for_every_text_and_no_list_is_no_measurement(tmp_path: Path) -> None:
    every, german = word_list(tmp_path, "Rotten", " bad "), word_list(tmp_path, "faul", language="de")
    assert words_for([every, german], kind="bad_words", language="de") == {"rotten", "bad", "faul"}
    assert words_for([every, german], kind="bad_words", language="en") == {"rotten", "bad"}
    assert words_for([german], kind="bad_words", language="en") == set()
    assert words_for([german], kind="stop_words", language="de") is None


def test_the_words_of_a_texts_own_language_are_sought_in_it(tmp_path: Path) -> None:
    model = fetch("lid.176.ftz", folder=CACHE)
    lists = (
        word_list(tmp_path, "rotten", language="en"),
        word_list(tmp_path, "korn", language="de"),
        word_list(tmp_path, "the", "of", kind="stop_words", language="en"),
    )
    sets = ("c4_reference", "redpajama")
    settings = AnnotateSettings(language_model=model.path, language_sha256=model.sha256, lists=lists, sets=sets)
    batch = pa.record_batch([pa.array(["a", "b"]), pa.array([ENGLISH, GERMAN])], names=["id", "text"])
    english, german = (row for part in annotate(settings)(iter([batch])) for row in part.to_pylist())
    assert (english["c4_reference_bad_words"], english["rps_doc_ldnoobw_words"]) == (1, 2)
    assert (german["c4_reference_bad_words"], german["rps_doc_ldnoobw_words"]) == (1, 1)
    assert english["rps_doc_stop_word_fraction"] == 4 / 21 and german["rps_doc_stop_word_fraction"] == 0
    assert settings.word_lists()[-1] == [model.sha256] and settings.url_lists() == []


def test_another_file_under_the_name_of_a_list_is_refused(tmp_path: Path) -> None:
    one = word_list(tmp_path, "corn")
    Path(one.path).write_text("wheat", "utf-8")
    with pytest.raises(ModelError, match="pinned is"):
        words_for([one], kind="bad_words", language=None)
