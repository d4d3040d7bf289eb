"""What is told to whom, in which words, and its way there."""
