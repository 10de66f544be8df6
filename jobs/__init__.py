"""What runs on the Spark driver: DataFrames in, DataFrames out, no record ever touched."""
