"""The pretend portals, one module for each kind of portal software."""
