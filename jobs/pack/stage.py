"""Pack: the corpus as sequences of tokens, in the files that trainers read."""

import json
from typing import Any

from jobs.engine.fingerprint import fingerprint
from jobs.engine.job import Job
from jobs.engine.ledger import Ledger
from jobs.pack.law import proved
from jobs.pack.sequences import order, pieces
from jobs.pack.settings import Pack
from jobs.pack.shards import Marker, markers_of, write_shards
from jobs.pack.tables import FOLDER, MANIFEST, PACKED
from jobs.pack.tokenised import tokenise
from jobs.pack.vocabulary import made_by, shape, special
from udfs.token_files import mds


def run(job: Job[Pack]) -> Ledger:
    """Write the shards of every epoch, prove that they hold the corpus, and write the manifest last.

    1. Workers tokenise each chunk of the corpus (tokens/chunk=…). A chunk whose rows stay has its tokens for good.
    2. Lengths alone decide which part of which document stands where (packing/<fingerprint>/pieces).
    3. For each epoch a hash sorts the sequences. Their tokens go to the tasks that write the shards (packed/epoch-…/).
    A killed run goes on with the chunk, the step or the shards that it was at.
    """
    root, key = job.root, fingerprint(job.key())
    folder = f"{FOLDER}/{key}"
    root.delete(MANIFEST)
    if not markers_of(job, key):
        root.delete(PACKED.path)  # what another packing has left
    tokenise(job)
    found = pieces(job, folder)
    for epoch in range(job.settings.epochs):
        write_shards(job, found, order(job, folder, found, epoch=epoch), epoch=epoch, key=key)
    ledger = proved(job).check(job.stage.name)
    _write_manifest(job, markers_of(job, key))
    root.delete_all_but(FOLDER, [key])
    return ledger


def decides(job: Job[Pack]) -> Any:
    """Return the settings and the special tokens' ids. A tokenizer counts by its contents, and the engines give the same ids."""
    return {**job.settings.model_dump(mode="json", exclude={"tokenizer", "pattern", "engine"}), "made_by": made_by(job)}


def facts(job: Job[Pack]) -> dict[str, Any]:
    """Say in the stage's marker how much was packed: what the manifest says, without its files."""
    manifest = job.root.read_json(MANIFEST) or {}
    return {"packed": {name: manifest[name] for name in ("sequences", "tokens", "padding", "shards") if name in manifest}}


def _write_manifest(job: Job[Pack], markers: list[Marker]) -> None:
    """Write the index that MDS wants beside its shards, and the manifest: it is there only if all else is."""
    root, looks = job.root, shape(job)
    if "mds" in job.settings.formats:
        for epoch in range(job.settings.epochs):
            entries = [
                {"name": file["name"].rpartition("/")[2], "bytes": file["bytes"], "sequences": marker["sequences"]}
                for marker in markers
                if marker["epoch"] == epoch
                for file in marker["files"]
                if file["name"].endswith(".mds")
            ]
            root.write_text(f"{PACKED.path}/epoch-{epoch}/mds/index.json", mds.index(entries, looks))
    sequences, tokens = (sum(marker[name] for marker in markers) for name in ("sequences", "tokens"))
    manifest = {
        "tokenizer": {
            "name": job.settings.tokenizer.partition("#")[0].rpartition("/")[2],
            **made_by(job),
            "pad": special(job).pad,
        },
        "sequence_length": looks.sequence_length,
        "token_bytes": looks.token_bytes,
        "method": job.settings.method,
        "formats": list(job.settings.formats),
        "seed": job.settings.seed,
        "epochs": job.settings.epochs,
        "shards": len(markers),
        "sequences": sequences,
        "tokens": tokens,
        "padding": sequences * looks.sequence_length - tokens,
        "files": [
            {
                "epoch": marker["epoch"],
                "shard": marker["shard"],
                "sequences": marker["sequences"],
                "tokens": marker["tokens"],
                **file,
            }
            for marker in markers
            for file in marker["files"]
        ],
    }
    root.write_text(MANIFEST, json.dumps(manifest, indent=1, sort_keys=True) + "\n")
