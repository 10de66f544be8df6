"""What sentence-transformers' own environment runs: the same texts by its loop, in one thread; gristmill is not installed there."""

SCRIPT = """
import json, sys, time
import numpy, torch
from sentence_transformers import SentenceTransformer
torch.set_num_threads(1)
folder, source, target = sys.argv[1:]
model = SentenceTransformer(folder, device="cpu")
model.max_seq_length = 256
texts = json.load(open(source, encoding="utf-8"))
model.encode(texts[:1])
begun = time.process_time()
vectors = model.encode(texts, batch_size=32, normalize_embeddings=True, show_progress_bar=False)
rate = len(texts) / (time.process_time() - begun)
numpy.savez(target, vectors=vectors, rate=numpy.array([rate]))
"""
