"""The measured truth: a pretend country whose errors are known in kind and number, and what the rules say of it."""
