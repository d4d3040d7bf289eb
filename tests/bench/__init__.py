"""Speed, as ratios to public libraries measured side by side in one run: `make bench`."""
