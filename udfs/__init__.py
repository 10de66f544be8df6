"""What runs in Python workers on the executors: pure functions over values and Arrow batches, importing no Spark."""
