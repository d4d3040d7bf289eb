"""What a person can do about a list that a site refuses to show us. Pure."""

import re

GUARDED = (
    "a guard stands in front of the site; a browser does not help and is not used for that; see “Logins and blocks” in "
    "docs/portals.md; write to the site, or leave it out"
)
_BUSY = re.compile(r"status (?:429|503)\b")


def is_busy(evidence: str) -> bool:
    """Whether a visit that was blocked may do better later by itself."""
    return _BUSY.search(evidence) is not None


def what_to_do(evidence: str) -> str:
    """What to do next where a visit was blocked. evidence: of its verdict."""
    if is_busy(evidence):
        return "the site is too busy for us; try again in an hour, and not more often"
    if "robots" in evidence:
        return "what robots.txt forbids is not fetched; write to the site, or leave it out"
    return GUARDED
