"""Crawls of many portals in one process, for tests of many portals: each crawl of `nianbao` has a process of its own,
and beginning it costs more than the crawl of a pretend portal. What each crawl does is the same.

As a script: a JSON list of [portal, archive file, time, most reports] on stdin, a JSON list of summaries on stdout.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from crawler.portal import Portal
from crawler.summary import CrawlSummary

LONGEST_S = 240


def crawl_all(crawls: Sequence[tuple[Portal, Path, int | None]], now: datetime) -> list[CrawlSummary]:
    """Crawl each portal into an archive of its own, with so many of its reports (None: all); the summaries in the same
    order."""
    order = [[portal.model_dump(mode="json"), str(path), now.isoformat(), most] for portal, path, most in crawls]
    done = subprocess.run(
        [sys.executable, "-P", __file__],
        input=json.dumps(order),
        capture_output=True,
        text=True,
        timeout=LONGEST_S,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-3000:])
    return [CrawlSummary.from_json(summary) for summary in json.loads(done.stdout.splitlines()[-1])]


def main() -> None:
    import logging

    from scrapy.crawler import AsyncCrawlerProcess

    from crawler.clock import clock_from
    from crawler.settings import PRODUCT, CrawlOptions, scrapy_settings
    from crawler.walk.ending import Ending
    from crawler.walk.revisits import RevisitPace
    from crawler.walk.spider import PortalSpider
    from db.archive import Archive

    logging.basicConfig(level=logging.ERROR)
    orders = [(Portal.model_validate(portal), *rest) for portal, *rest in json.load(sys.stdin)]
    process = AsyncCrawlerProcess(scrapy_settings(orders[0][0], PRODUCT))
    crawlers, archives = [], []
    for portal, path, time, most in orders:
        archive = Archive.open(Path(path))
        archive.add_portal(portal.id, portal.name, portal.platform)
        crawler = process.create_crawler(PortalSpider)
        process.crawl(
            crawler,
            portal=portal,
            archive=archive,
            clock=clock_from(datetime.fromisoformat(time), portal),
            agent=PRODUCT,
            options=CrawlOptions(is_virtual=True, most_pages=most),
            pace=RevisitPace(),
            again=False,
            progress=lambda requests, url: None,
            ending=Ending(),
        )
        crawlers.append(crawler)
        archives.append(archive)
    process.start(install_signal_handlers=False)
    for archive in archives:
        archive.close()
    print(json.dumps([json.loads(crawler.spider.summary.to_json()) for crawler in crawlers]))


if __name__ == "__main__":
    main()
