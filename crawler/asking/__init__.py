"""Asking a portal: the pace, the limits, robots.txt, and the requests themselves."""
