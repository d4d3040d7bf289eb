"""Walking a portal: its lists, then what is due in the frontier; all of it kept as it goes."""
