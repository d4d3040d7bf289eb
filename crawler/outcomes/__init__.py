"""What an answer amounts to: challenge, block, disappearance, emptiness, or what was asked for."""
