"""Writes the folder of a comparison that nobody trained, for tests of what reads it."""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

VALUES: Mapping[str, tuple[float, ...]] = {  # bits a byte of text that is not web, by seed
    "raw": (2.310, 2.322, 2.305),
    "rules": (2.291, 2.301, 2.288),
    "rules-again": (2.293, 2.300, 2.286),
    "shuffled": (2.900, 2.921, 2.894),
}
WINDOWS = ((0, 1), (1, 2), (2, 4), (4, 8), (8, 16), (16, 32), (32, 64), (64, 128), (128, 256))


def write_outcome(folder: Path, *, values: Mapping[str, tuple[float, ...]] = VALUES, web_only: bool = False) -> Path:
    """Write compare.json, and curve.jsonl and result.json of every arm and seed; seeds are numbered from 1."""
    folder.mkdir(parents=True, exist_ok=True)
    seeds = list(range(1, len(next(iter(values.values()))) + 1))
    facts = {
        "recipe": {"name": "rules", "seeds": seeds, "model": {"layers": 4}, "arms": [{"name": name} for name in values]},
        "model": {"layers": 4, "parameters": 3_343_296},
        "training": {"steps": 244, "tokens": 1_000_000, "flops": 2e13},
        "flops": 2.5e14,
        "arms": [
            {"name": name, "corpus": [f"out/{name}/corpus"], "packed": None, "documents": 400 + place, "tokens": 310_000}
            | {"epochs": 1, "order": place % 2, "removed": place, "removed_by": {"arc_easy": place}}
            for place, name in enumerate(values)
        ],
        "machine": {"device": "cpu", "cores": 2},
    }
    (folder / "compare.json").write_text(json.dumps(facts), "utf-8")
    for arm, found in values.items():
        for seed, value in zip(seeds, found, strict=True):
            place = folder / "runs" / arm / f"seed-{seed}"
            place.mkdir(parents=True)
            (place / "curve.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in _curve(value)), "utf-8")
            (place / "result.json").write_text(json.dumps(result(arm, seed, value, web_only=web_only)), "utf-8")
    return folder


def result(arm: str, seed: int, value: float, *, web_only: bool = False) -> dict[str, Any]:
    """Return what a run writes last; all its measures follow from the one value."""
    texts = {"web": {"value": 2.2 - (value - 2.3) / 3, "bytes": 90_000, "web": True}}
    if not web_only:
        texts |= {
            "letters": {"value": value, "bytes": 100_000, "web": False},
            "books": {"value": value, "bytes": 80_000, "web": False},
        }
    return {
        "arm": arm,
        "seed": seed,
        "tokens": 1_000_000,
        "documents": 900,
        "seconds": 61.5,
        "parameters": 3_343_296,
        "bits_per_byte": texts,
        "loss_by_position": {name: [[a, b, 3 + 4 / (1 + a) + value / (1 + math.log(b))] for a, b in WINDOWS] for name in texts},
        "tasks": {}
        if web_only
        else {
            "arc_easy": {
                "accuracy": 0.30 - value / 50,
                "items": 500,
                "baseline": 0.25,
                "bits_per_byte": 1 + value / 3,
                "shots": 0,
            },
            "copa": {"accuracy": 0.60 - seed / 100, "items": 100, "baseline": 0.5, "bits_per_byte": 1 + value / 2, "shots": 0},
        },
    }


def _curve(value: float) -> list[dict[str, Any]]:
    return [
        {
            "step": step,
            "tokens": step * 4096,
            "loss": 3 * value * (1 + 1 / step**0.5) / 2 + 0.05 * math.sin(step),
            "learning_rate": 1e-3,
        }
        for step in range(1, 245)
    ]
