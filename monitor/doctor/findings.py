"""What waits for a person: rules that are suspended, findings that are held."""

from collections.abc import Iterator

from db.archive import Archive
from monitor.doctor.line import Line, notice, ok


def finding_lines(archive: Archive) -> Iterator[Line]:
    """One line for each suspended rule, and one for each rule of which findings are held."""
    suspended, held = archive.life.suspended(), archive.life.held_by_rule()
    for rule, why in suspended.items():
        yield notice(
            "finding",
            f"the rule {rule} is suspended: {why}",
            f"look at its findings; `nianbao release --rule {rule}` lets it speak again",
        )
    for rule, count in held.items():
        yield notice(
            "finding",
            f"{count} finding(s) of {rule} are held since many came at once",
            "look at them with `nianbao findings --held`, then `nianbao release`",
        )
    if not suspended and not held:
        yield ok("finding", "no rule is suspended and no finding is held")
