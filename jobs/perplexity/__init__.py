"""Training of the language models that give a text its perplexity."""
