"""A small model, its training, and what it is measured by: what `gristmill compare` runs for each corpus and seed."""
