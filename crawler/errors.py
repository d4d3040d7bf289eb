"""What keeps a crawl from beginning or going on; each error is one sentence: what, where, what to do."""


class CrawlError(Exception):
    """A crawl cannot begin."""


class ContactError(CrawlError):
    """No usable contact address is set."""


class CrawlStopped(Exception):
    """No further request may be sent in this crawl."""


class CrawlPostponed(CrawlStopped):
    """The crawl is not to begin now, and nothing was asked."""
