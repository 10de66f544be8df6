"""The testbed: small models of one shape and budget, one for each corpus and seed, say which corpus is better."""
