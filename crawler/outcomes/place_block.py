"""Whether a host hides its deep pages from where we ask: 404 for all of them while its home page lives.

Such a host answers as if every page were gone. What a list or a report that is not there means can then not be told.
"""

from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from crawler.outcomes.verdict import GONE_STATUSES, Answer, Signs, judge, shell_target, sniff
from crawler.pages.html import absolute, has_file_ending, parse

MOST_ASKED = 3
_LIVES = ("ok", "unchanged")

Ask = Callable[[str], Awaitable[Answer]]


async def blocked_by_place(url: str, ask: Ask, known_good: list[str]) -> str | None:
    """Whether a missing page is missing because of where we ask from; to be called where nothing deep on its host was
    read in this crawl.

    url: what answered 404 or 410. ask: fetches an address, politely. known_good: addresses that were read before. Asked
    are the home page and up to three deep pages of this host: known ones first, but one linked from the home page where
    there is one, since a site that was rebuilt loses all its old addresses at once.

    Gives the sentence if the home page lives and every deep page that was asked is missing too; else None.
    """
    parts = urlsplit(url)
    home = f"{parts.scheme}://{parts.netloc}/"
    answer = await ask(home)
    if judge(answer, "list", Signs(True)).outcome not in _LIVES or _is_deep(answer.final, url):
        return None  # it is missing or blocked itself, or it has sent us on to a deep page that lives
    missing = []
    for target in _candidates(url, answer, known_good):
        deep = await ask(target)
        if deep.status not in GONE_STATUSES:
            if deep.status is not None and deep.status < 500:
                return None  # it is there, or refused for a reason of its own
            continue
        missing.append(urlsplit(target).path)
    if not missing:
        return None
    return (
        f"{parts.netloc} shows its home page, but {parts.path} and {', '.join(missing)} answer 404: "
        "deep pages are not shown to where we ask from"
    )


def _candidates(url: str, home: Answer, known_good: list[str]) -> list[str]:
    known = [address for address in dict.fromkeys(known_good) if _is_deep(address, url)]
    linked = [address for address in _links(home) if _is_deep(address, url) and address not in known]
    places = MOST_ASKED - min(len(linked), max(1, MOST_ASKED - len(known)))
    chosen = known[:places]
    return chosen + linked[: MOST_ASKED - len(chosen)]


def _links(home: Answer) -> list[str]:
    """What the home page, or the script or head that it consists of, leads to."""
    if sniff(home.body) not in ("html", "text"):
        return []
    targets = [shell_target(home.body, home.charset)]
    targets += [node.attributes.get("href") for node in parse(home.body, home.charset).css("a[href]")]
    found = (absolute(home.final, target) for target in targets)
    return list(dict.fromkeys(target for target in found if target is not None))


def _is_deep(address: str, url: str) -> bool:
    """Whether an address is another page of the same host, below its root."""
    there, here = urlsplit(address), urlsplit(url)
    if there.netloc != here.netloc or address == url or has_file_ending(there.path):
        return False
    return there.path.strip("/") not in ("", "index.html", "index.htm", "index.shtml", "index.jsp")
