"""Training of the fast embedder of [annotate.embedding] on a user's own corpus."""
