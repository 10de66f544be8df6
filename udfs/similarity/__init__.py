"""Sets of shingles: signatures, exact comparison, filters."""
