"""A share of all documents, chosen by the hashes of their ids: the same ones every time, and found without an order."""


def smallest(share: float) -> int:
    """Return the number below which that share (below 1) of all values of Spark's xxhash64 lies.

    >>> smallest(0.5), smallest(0.25) == -(2**62)
    (0, True)
    """
    return int((share - 0.5) * 2**64)
