"""The events of which messages tell, and what they do to those who hear them."""

from db.finding_state import CONFIRMED, CORRECTED, FOUND, GONE, RELEASED

AFTER_WRONG, AFTER_MUTED = "found-after-wrong", "found-after-muted"
WITHDRAWN = "withdrawn"
REPLACED = "replaced"  # gone, while another about the same report came in its place

TELLS = (FOUND, CONFIRMED, RELEASED, AFTER_WRONG, AFTER_MUTED)
TAKES_BACK = (GONE, CORRECTED, WITHDRAWN, REPLACED)


def base(event: str) -> str:
    """What a message says happened, without the number of a later one of its kind (gone.2)."""
    return event.partition(".")[0]
