"""What may go wrong with a call: refusals, waits, answers that nobody can read, connections that end or hang."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens instead of the usual answer.

    status, body: the answer. accepts: the call is carried out nevertheless. ends: "drop" closes the connection without
    an answer, "hang" gives none until the other side goes away.
    """

    status: int = 200
    body: bytes = b""
    accepts: bool = False
    ends: Literal["answer", "drop", "hang"] = "answer"


Script = Callable[[str, str, int], Fault | None]
"""Called with the method, the chat ("" for none) and which call of the two it is, from 1."""


def refused(status: int, description: str, **parameters: Any) -> Fault:
    """A refusal as the Bot API words it, as refused(403, "Forbidden: bot was blocked by the user")."""
    body: dict[str, Any] = {"ok": False, "error_code": status, "description": description}
    if parameters:
        body["parameters"] = parameters
    return Fault(status, json.dumps(body).encode())


def too_many(seconds: int) -> Fault:
    """429: come back after so many seconds."""
    return refused(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)


def drop_before() -> Fault:
    """The connection ends before the call is carried out."""
    return Fault(ends="drop")


def drop_after() -> Fault:
    """The call is carried out, and the connection ends before the answer."""
    return Fault(accepts=True, ends="drop")


def hang_before() -> Fault:
    """No answer comes, and nothing is carried out."""
    return Fault(ends="hang")


def hang_after() -> Fault:
    """The call is carried out, and no answer comes."""
    return Fault(accepts=True, ends="hang")


def malformed(*, accepts: bool = False, body: bytes = b"<html><body>Hello</body></html>") -> Fault:
    """An answer with status 200 that is not the Bot API's."""
    return Fault(body=body, accepts=accepts)
