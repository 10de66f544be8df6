"""The classifier: `gristmill train`."""
