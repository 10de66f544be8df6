"""Documents of corpora counted, and drawn as often as a mix says."""
