"""Fit ridge regression of labels on vectors: one score a label, wanted 1 for texts that have it and -1 for the others."""

from collections.abc import Iterable

import numpy as np

from jobs.classifier.examples import Example
from udfs.models.model_file import PREFIX
from udfs.vectors.embedder import Embedder
from udfs.vectors.half import unpacked
from udfs.vectors.label_model import LabelModel

PENALTY = 1.0  # of the squared weights; vectors have length 1


def fitted_to_vectors(examples: Iterable[Example], embedder: Embedder) -> LabelModel:
    """Fit a model to labels and texts; the same rows in the same order make the same model. A text without a vector teaches nothing.

    Memory: 4 bytes a number of each vector, so 1.5 kB a text at 384.
    """
    labels, vectors = [], []
    for label, text in examples:
        (stored,) = embedder.stored([text])
        if stored is not None:
            labels.append(label.removeprefix(PREFIX))
            vectors.append(unpacked([stored])[0])
    names = sorted(set(labels))
    known = np.stack(vectors).astype(np.float64)
    wanted = np.where(np.array(labels)[:, np.newaxis] == np.array(names), 1.0, -1.0)
    middle, mean = known.mean(axis=0), wanted.mean(axis=0)
    known -= middle
    weights = np.linalg.solve(known.T @ known + PENALTY * np.eye(known.shape[1]), known.T @ (wanted - mean))
    return LabelModel(
        tuple(names), weights.astype(np.float32), (mean - middle @ weights).astype(np.float32), embedder.scheme.facts()
    )
