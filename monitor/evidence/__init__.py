"""Showing others what the archive knows: bundles of evidence, time stamps, and checks that nothing was changed."""
