"""What processes that work on an archive import as they go, for the fork server of tests/db/children.py."""

from importlib import import_module

from parsers.form import load_forms

for name in (
    "click.testing",
    "db.archive",
    "db.keeping.backup_documents",
    "db.keeping.restore",
    "db.keeping.retention",
    "monitor.cli",
    "monitor.config",
    "psutil",
    "sqlite_utils",
):
    import_module(name)
load_forms()
