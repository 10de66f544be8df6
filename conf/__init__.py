"""Recipes, the table of known models and Spark settings: data that travels with the code, in a wheel and in a zip."""
