"""What was read from the documents: reports with their figures, revision by revision."""
