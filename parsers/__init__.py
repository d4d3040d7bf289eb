"""Documents to reports. Pure: no network, no database, no clock."""
