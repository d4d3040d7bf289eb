"""What judging asks of the archive: what is to be judged again, and the reports as rules take them."""
