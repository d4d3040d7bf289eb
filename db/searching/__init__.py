"""Words in titles and prose."""
