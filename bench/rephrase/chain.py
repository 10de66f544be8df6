"""The recipes of conf/megadocs for a small server: pages, rephrases in three styles, megadocs; what the chain's benches change, and no more."""

import json
import re
from pathlib import Path

CONF = Path(__file__).parents[2] / "conf/megadocs"
G = 3
STYLE = """[[rephrase.style]]
name        = "{name}"
prompt      = "{name}"
max_tokens  = {max_tokens}
temperature = 0.0
extra       = {{ cache_prompt = false }}

"""
MINHASH = '[annotate.minhash]\nsetting = "fineweb"\n\n[[filter]]'
INDEX = 'index = "chain:pages/dedup-index"\n'
DEDUP = f'[dedup]\nscope = "global"\n{INDEX}exact_url = "off"\n\n[dedup.near_duplicates]\nmin_similarity = 0.75\n'
LEFT_OUT = ("cut_off", "preamble", "copied", "new_links")
STYLES = ("plain_explanation", "distilled", "list_of_facts")


def write_chain(
    folder: Path, *, url: str, model: str, max_tokens: int, length: str, pages: int, input_: str | None = None
) -> None:
    """Write three recipes into a folder, for pages whose `length` (in tokens, as SQL) fits.

    The gates are those of conf/megadocs without LEFT_OUT, and answers may repeat themselves by half: of a model of 135 million parameters
    nothing would be left to weave. A rephrase that nearly repeats its page, or another text, is a duplicate.
    """
    folder.mkdir(parents=True, exist_ok=True)
    style = '[[rephrase.style]]\nname        = "encyclopedic"'
    changes: dict[str, dict[str, str]] = {
        "1-pages.toml": {
            "BETWEEN 100 AND 4000": length,
            "[[sampling]]": f'[dedup]\n{INDEX}exact_url = "off"\n\n[[sampling]]',
            '[[filter]]\nreason = "language"': f'{MINHASH}\nreason = "language"',
            "{ tokens = 203_867_748 }": f"{{ documents = {pages} }}",
            **({'["chain:quickstart"]': json.dumps([input_])} if input_ else {}),
        },
        "2-rephrases.toml": {
            '"http://localhost:8000/v1"': json.dumps(url),
            '"meta-llama/Llama-3.1-8B-Instruct"': f"{json.dumps(model)}\nconcurrency = 1\ntimeout_s = 3600.0",
            "rephrase_repetition <= 0.2": "rephrase_repetition <= 0.5",
            '[[filter]]\nreason = "refusal"': f'{MINHASH}\nreason = "refusal"',
            '[dedup]\nexact_url = "off"                      # the rephrases of one page have no address of their own\n': DEDUP,
        },
        "3-megadocs.toml": {"= 8 ": f"= {G} "},
    }
    for name, some in changes.items():
        text = (CONF / name).read_text("utf-8")
        if name == "2-rephrases.toml":
            styles = "".join(STYLE.format(name=one, max_tokens=max_tokens) for one in STYLES)
            text = text[: text.index(style)] + styles + text[text.index("[annotate]") :]
            for reason in LEFT_OUT:
                text, count = re.subn(rf'\[\[filter\]\]\nreason = "{reason}"\n[^\[]*', "", text)
                assert count == 1, reason
        for old, new in some.items():
            assert text.count(old) == 1, (name, old)
            text = text.replace(old, new)
        (folder / name).write_text(text, "utf-8")
