"""What one text has that another lacks, for the audit of removals."""
