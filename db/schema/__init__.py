"""The tables, views and columns: how they are made, what they hold."""
