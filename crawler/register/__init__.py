"""The register of agencies: a table in a file beside the portals, read strictly and changed with care."""
