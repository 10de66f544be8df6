"""The recipe: one TOML file that says the whole pipeline."""
