"""What the measurement of pack says of cuts and lost tokens is read from the written files."""

from pathlib import Path

import pyarrow.parquet as pq

from bench.pack.in_process import Work, counted, packed
from udfs.token_files.format import Shape
from udfs.tokens.token_batches import TokenSettings
from udfs.tokens.vocabulary import GPT2, Vocabulary

TEXTS = [" ".join(["mill"] * count) for count in (3, 20, 9, 30, 14, 7)]  # a token a word, and one more


def test_cuts_and_padding_are_counted_and_a_sequence_that_is_lost_is_thrown_away(tmp_path: Path) -> None:
    settings = TokenSettings(Vocabulary(GPT2), "definition", 2, eos=50_256)
    found = {}
    for method in ("best_fit", "concatenate"):
        work = Work(settings, Shape(16, 2), method, ("parquet",))
        found[method] = packed(TEXTS, tmp_path, work)
        assert found[method].thrown_away == 0 and found[method].padding == found[method].sequences * 16 - 89
    assert (found["best_fit"].cut, found["best_fit"].cut_though_fit, found["best_fit"].cut_beyond_need) == (2, 0, 0)
    assert found["concatenate"].cut_though_fit == 2 and found["concatenate"].cut_beyond_need > 0
    (path,) = (tmp_path / "packed/epoch-0/spans").glob("*.parquet")
    lost = pq.read_table(path).to_pylist()[0]["documents"]
    pq.write_table(pq.read_table(path).slice(1), path)
    counts = {f"0-{place}": len(text.split()) + 1 for place, text in enumerate(TEXTS)}
    assert counted(tmp_path / "packed", counts, length=16)["thrown_away"] == sum(one["end"] - one["start"] for one in lost) > 0
