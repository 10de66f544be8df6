"""Documents in, documents that a model wrote of them out."""
