"""What the rules are made of and how they are run: over given reports, over the archive, over what was seen."""
