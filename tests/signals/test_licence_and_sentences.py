"""Two small sets: the licence in a form that a rule compares, and the sentences of the text after line edits."""

from pathlib import Path

import pyarrow as pa
import pytest

from jobs.engine.models import fetch
from udfs.signals.annotate_settings import AnnotateSettings
from udfs.signals.annotator import annotate
from udfs.signals.licence import kind_of
from udfs.signals.sets import schema_of

CACHE = Path(__file__).parents[2] / ".cache" / "models"
BASE = "https://creativecommons.org"


@pytest.mark.parametrize(
    ("licence", "kind"),
    [
        (f"{BASE}/licenses/by/4.0", "by"),
        (f"{BASE}/licenses/by-nc-sa/2.0/fr", "by-nc-sa"),
        (f"{BASE}/publicdomain/zero/1.0", "cc0"),
        (f"{BASE}/publicdomain/mark/1.0", "pdm"),
        (f"{BASE}/licenses/publicdomain", "publicdomain"),
        ("https://example.org/terms", "https://example.org/terms"),
        (None, "none"),
    ],
)
def test_a_licence_has_a_kind(licence: str | None, kind: str) -> None:
    assert kind_of(licence) == kind


def test_the_licence_comes_from_the_document_and_sentences_from_what_the_line_edits_leave() -> None:
    model = fetch("lid.176.ftz", folder=CACHE)
    sets = ("sentences", "licence")
    settings = AnnotateSettings(language_model=model.path, language_sha256=model.sha256, line_edits="c4_reference", sets=sets)
    text = "Home\nThe mill stands at the river. It turns.\n\nIs it old, or is it new?"
    batch = pa.record_batch(
        [pa.array(["a"]), pa.array([text]), pa.array([f"{BASE}/licenses/by/4.0"])], names=["id", "text", "licence"]
    )
    (out,) = annotate(settings)(iter([batch]))
    assert out.schema == schema_of(sets)
    assert out.to_pylist() == [{"id": "a", "sentence_count": 3, "licence_kind": "by", "error": None}]
