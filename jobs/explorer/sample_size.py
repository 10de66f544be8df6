"""How much of each document the explorer reads."""

POINTS = 100_000  # documents on the map, unless a command asks for fewer
TEXT_CHARACTERS = 1_000  # of a document: enough for its words to place it
