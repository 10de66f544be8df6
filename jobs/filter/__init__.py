"""Filter: the recipe's rules over the signals."""
