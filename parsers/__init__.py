"""Documents to reports. Pure: no network, no database, no clock. `parsers.read.read_report` is the entrance."""
