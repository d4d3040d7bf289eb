"""Making all that is derived anew."""
