"""Longer runs than the test suite can afford."""
